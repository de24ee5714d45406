/** Named villages, so that tests say what they are about and not how it is made. */
import { DAY_MS, type FakeMember, Village } from "./village.ts";

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

/** Somebody opens the page for the first time; Ben is already there. */
export function newcomer(): World {
  const village = new Village();
  const ben = village.settled("Ben Okafor");
  return { village, anna: village.newcomer(), ben };
}
