/** Named villages, so that tests say what they are about and not how it is made. */
import { DAY_MS } from "../../src/lib/dates.ts";
import { type FakeMember, Village } from "./village.ts";


export type World = { village: Village; anna: FakeMember; ben: FakeMember };

/** Anna and Ben have accounts; nothing has happened yet. */
export function twoMembers(village = new Village()): World {
  return { village, anna: village.settled("Anna Weber"), ben: village.settled("Ben Okafor") };
}

/** Anna has traded with several people; payments in every state are there. */
export function busyVillage(): World {
  const world = twoMembers();
  const { village, anna, ben } = world;
  const carla = village.settled("Carla Méndez-Ortiz of the Lower Mill Bakery");
  const deniz = village.settled("Deniz");
  const names = ["Emeka", "Fatou", "Gwen", "Hugo", "Ines", "Jonas"];
  for (const name of names) village.settled(name);
  const things = ["Bread for the week", "Bike repair", "Two jars of honey", "Garden help"];
  for (let day = 30; day > 6; day -= 1) {
    const thing = things[day % things.length] ?? "";
    if (day % 3 === 0) village.taken(anna, ben, 1_250n + BigInt(day), thing, day);
    else village.taken(carla, anna, 900n + BigInt(day * 7), thing, day);
  }
  village.closeMonth(anna, 100n, Date.now() - 6 * DAY_MS);
  village.taken(anna, deniz, 8_400n, "Roof tiles", 5);
  const back = village.paid(anna, carla, 2_300n, "Sourdough course", 4);
  village.run(carla, "accounts/decline", { request: "d1", payment: back.payment, reason: 3 });
  village.paid(anna, ben, 1_200n, "Sharpened tools", 1);
  village.paid(ben, anna, 3_000n, "Help with the fence");
  village.paid(carla, anna, 450n, "Eggs");
  const late = village.paid(deniz, anna, 700n, "Apples", 40);
  late.status = "too_late";
  village.arriveByItself = false;
  village.paid(deniz, anna, 1_600n, "Firewood");
  village.arriveByItself = true;
  return world;
}

/** A busy village in which people ask one another for payment. */
export function askingVillage(): World {
  const world = busyVillage();
  const { village, anna, ben } = world;
  const [carla, deniz, emeka] = village.members.slice(2);
  if (!carla || !deniz || !emeka) throw new Error("the village is too small");
  const days = (n: number) => Date.now() + n * DAY_MS;
  const bill = (n: number) => ({ due_ms: days(n), until_ms: days(n + 60) });
  const asks = village.asks;
  asks.made(ben, { payer: anna.member, amount: "1500", memo: "Chain and brake", ...bill(9) }, 2);
  asks.made(carla, { payer: anna.member, memo: "For the choir, as you like" }, 1);
  emeka.since_ms = Date.now() - 5 * DAY_MS;
  asks.made(emeka, { payer: anna.member, amount: "90000", memo: "Shares" });
  const bread = { payer: ben.member, amount: "840", memo: "Bread in October" };
  const owed = asks.made(anna, { ...bread, ...bill(-2) }, 20);
  const say = { kind: "acknowledge" } as const;
  asks.followUp(ben, { request: "f1", first_try: true, ask: owed.ask, what: say });
  asks.made(anna, { payer: ben.member, amount: "320", memo: "Rolls", ...bill(20) });
  asks.made(anna, { payer: deniz.member, amount: "1260", memo: "Cake", ...bill(20) }, 4);
  asks.made(anna, { amount: "500" }, 1);
  const no = asks.made(anna, { payer: carla.member, amount: "2000", memo: "Course" }, 6);
  const refuse = { kind: "refuse", reason: 3 } as const;
  asks.followUp(carla, { request: "f2", first_try: true, ask: no.ask, what: refuse });
  return world;
}

/** Somebody opens the page for the first time; Ben is already there. */
export function newcomer(): World {
  const village = new Village();
  const ben = village.settled("Ben Okafor");
  return { village, anna: village.newcomer(), ben };
}
