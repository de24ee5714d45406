/** What members do, in a real browser with the real client library, against a made-up village. */
import { readFileSync } from "node:fs";
import { encode } from "@msgpack/msgpack";
import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { DAY_MS } from "../../src/lib/dates.ts";
import { sign } from "../fake/host.ts";
import { serve } from "../fake/server.ts";
import { typed } from "../fake/asks.ts";
import { Refusal } from "../fake/village.ts";
import { busyVillage, newcomer, type World } from "../fake/worlds.ts";
import { eachTest, open, use, world } from "./fixtures.ts";
import {
  fillPayment,
  focusedHeading,
  heading,
  payButton,
  reviewPayment,
  tabTo,
  text,
} from "./steps.ts";

eachTest();

const HONEY = { to: "Ben Okafor", amount: "12,5", memo: "Two jars of honey" };

describe("joining", () => {
  test("a newcomer chooses a name and is at home", async () => {
    use(newcomer());
    const { page } = await open(world.anna);
    await page.getByLabel("Your name").fill("  Anna Weber ");
    await page.getByRole("button", { name: "Join Oakvale" }).dblclick();
    await heading(page, "Your account").waitFor();
    expect(world.anna.name).toBe("Anna Weber");
    expect(world.anna.entries.length).toBe(1);
    await text(page, "You are Anna Weber").waitFor();
  });

  test("a name of hidden signs is refused", async () => {
    use(newcomer());
    const { page } = await open(world.anna);
    await page.getByLabel("Your name").fill("Anna\u202E");
    await page.getByRole("button", { name: "Join Oakvale" }).click();
    await text(page, "signs that can be seen").waitFor();
    expect(world.anna.name).toBeNull();
  });
});

describe("paying", () => {
  test("is possible with the keyboard alone", async () => {
    const { page } = await open(world.anna);
    await page.getByRole("link", { name: "Pay someone" }).waitFor();
    await tabTo(page, "link", "Pay someone");
    await page.keyboard.press("Enter");
    await focusedHeading(page, "Pay someone");
    await page.getByRole("radio", { name: "Ben Okafor" }).waitFor();
    await tabTo(page, "searchbox", "Find a member");
    await page.keyboard.type("ben");
    await tabTo(page, "radio", "Ben Okafor");
    await page.keyboard.press("Space");
    await tabTo(page, "textbox", "Amount in Oaks");
    await page.keyboard.type("12,5");
    await tabTo(page, "combobox", "Kind of trade");
    await page.keyboard.type("Food");
    await tabTo(page, "textbox", "What is it for?");
    await page.keyboard.type("Honey");
    await page.keyboard.press("Enter");
    await focusedHeading(page, "Check before you pay");
    await text(page, "You cannot call a payment back").waitFor();
    await tabTo(page, "button", "Pay Ben Okafor 12.50 Oaks");
    await page.keyboard.press("Enter");
    await focusedHeading(page, "Payment to Ben Okafor");
    await text(page, "Saved on this device").waitFor();
    expect(only(world.anna)).toMatchObject({ amount: "1250", memo: "Honey", category: 0 });
  });

  test("twice in a double click is paying once", async () => {
    const { page } = await open(world.anna);
    await reviewPayment(page, HONEY);
    await payButton(page).dblclick();
    await heading(page, "Payment to Ben Okafor").waitFor();
    expect(only(world.anna).amount).toBe("1250");
  });

  test("goes through a lost answer and a reload as one wish", async () => {
    const { page, host } = await open(world.anna);
    await reviewPayment(page, HONEY);
    world.anna.after = (fn) => {
      if (fn === "pay") host.stop();
    };
    await payButton(page).click();
    await text(page, "Checking whether it was saved. Do not send again.").waitFor();
    await text(page, "Not connected · trying again").waitFor();
    host.start();
    world.anna.after = () => {};
    world.anna.before = (fn) => (fn === "pay" ? new Promise(() => {}) : undefined);
    await page.reload();
    await text(page, "Checking whether it was saved. Do not send again.").waitFor();
    expect(await payButton(page).count()).toBe(0);
    await page.getByRole("link", { name: "Home" }).click();
    await text(page, "Do not send again.").waitFor();
    await page.getByRole("link", { name: "Pay", exact: true }).click();
    await text(page, "Do not send again.").waitFor();
    expect(await page.getByLabel("Amount in Oaks").count()).toBe(0);
    world.anna.before = () => {};
    await page.reload();
    await heading(page, "Payment to Ben Okafor").waitFor();
    expect(only(world.anna).amount).toBe("1250");
    expect(world.anna.requests.size).toBe(1);
  });

  test("that is reloaded just after it was saved still leads to its receipt", async () => {
    const { page, url } = await open(world.anna);
    await reviewPayment(page, HONEY);
    await payButton(page).click();
    await heading(page, "Payment to Ben Okafor").waitFor();
    // The browser may not have noted the receipt's address yet when the member reloads.
    await page.goto(`${url}#/pay/review`);
    await heading(page, "Payment to Ben Okafor").waitFor();
    await page.goto(`${url}#/pay`);
    await page.getByRole("link", { name: "See its receipt" }).click();
    await heading(page, "Payment to Ben Okafor").waitFor();
    only(world.anna);
  });

  test("over the limit says the most that is possible, before and after the review", async () => {
    const { page } = await open(world.anna);
    await page.getByRole("link", { name: "Pay someone" }).click();
    await fillPayment(page, { ...HONEY, amount: "200.01" });
    await text(page, "That is too much. Most you can send now: 200.00 Oaks").waitFor();
    await page.getByRole("button", { name: "Check the payment" }).click();
    await text(page, "The most you can send now is 200.00 Oaks. You asked for 200.01").waitFor();
    await page.getByLabel("Amount in Oaks").fill("200");
    await page.getByRole("button", { name: "Check the payment" }).click();
    world.anna.before = (fn) => {
      const facts = { most: "100", asked: "20000", line: "20000", balance: "-19900" };
      if (fn === "pay") throw new Refusal("SPEND_OVER_LINE", facts);
    };
    await payButton(page).click();
    await text(page, "The most you can send now is 1.00 Oaks.").waitFor();
    await text(page, "Code for support: SPEND_OVER_LINE").waitFor();
    expect(world.village.payments.size).toBe(0);
    await page.getByRole("link", { name: "Change something" }).click();
    expect(await page.getByLabel("Amount in Oaks").inputValue()).toBe("200");
  });

  test("that fails for a passing reason is repeated with the same id", async () => {
    const { page } = await open(world.anna);
    await reviewPayment(page, HONEY);
    let failures = 2;
    world.anna.before = (fn) => {
      if (fn === "pay" && failures-- > 0) throw new Refusal("HEAD_MOVED");
    };
    await payButton(page).click();
    await heading(page, "Payment to Ben Okafor").waitFor();
    expect(world.anna.calls.get("pay")).toBe(3);
    only(world.anna);
  });

  test("that stays unknown can be asked for again, never sent anew", async () => {
    const { page } = await open(world.anna, { prepare: (tab) => tab.clock.install() });
    await reviewPayment(page, HONEY);
    world.anna.before = (fn) => {
      if (fn === "pay") throw new Error("a bug");
    };
    await payButton(page).click();
    for (const calls of [1, 2, 3, 4]) {
      await expect.poll(() => world.anna.calls.get("pay")).toBe(calls);
      await text(page, "Do not send").waitFor();
      await page.clock.fastForward(4_000);
    }
    await text(page, "We could not find out whether it was saved.").waitFor();
    world.anna.before = () => {};
    await page.getByRole("button", { name: "Check again" }).click();
    await heading(page, "Payment to Ben Okafor").waitFor();
    only(world.anna);
  });

  test("leaves a receipt that follows the payment live", async () => {
    world.village.arriveByItself = false;
    const { page } = await open(world.anna);
    const ben = await open(world.ben, { path: "#/waiting" });
    await text(ben.page, "No payment waits for you").waitFor();
    await reviewPayment(page, HONEY);
    await payButton(page).click();
    await text(page, "Ben Okafor can take it or send it back until").waitFor();
    await text(ben.page, "Announced: being checked. Hand nothing over yet.").waitFor();
    expect(await ben.page.getByRole("button", { name: "Take" }).count()).toBe(0);
    world.village.arrive(only(world.anna));
    await ben.page.getByRole("button", { name: "Take 12.50 Oaks" }).click();
    await text(ben.page, "Taken: 12.50 Oaks").waitFor();
    await text(page, "Done: Ben Okafor has taken it").waitFor();
    await page.getByRole("link", { name: "Home" }).click();
    await text(page, "You have spent 12.50 Oaks more than you earned.").waitFor();
  });
});

describe("payments waiting", () => {
  test("a payment is sent back with a reason and taken back by its payer", async () => {
    world.village.paid(world.anna, world.ben, 1_250n, "Honey");
    const ben = await open(world.ben, { path: "#/waiting" });
    const { page } = await open(world.anna);
    const opener = ben.page.getByRole("button", { name: "Send back" });
    await opener.click();
    await ben.page.keyboard.press("Escape");
    await expect.poll(() => opener.evaluate((it) => it === document.activeElement)).toBe(true);
    await opener.click();
    await ben.page.getByRole("radio", { name: "The amount is wrong" }).check();
    await ben.page.getByRole("button", { name: "Send 12.50 Oaks back" }).click();
    await text(ben.page, "Sent back: 12.50 Oaks to Anna Weber").waitFor();
    await page.getByRole("link", { name: "Ben Okafor sent back 12.50 Oaks" }).click();
    await text(page, "The amount is wrong").waitFor();
    await page.getByRole("button", { name: "Take 12.50 Oaks back" }).dblclick();
    await text(page, "Returned to your balance").waitFor();
    expect(world.anna.balance).toBe(0n);
    expect(world.anna.entries.length).toBe(3);
  });

  test("a payment that nobody took in time is told as coming back", async () => {
    const payment = world.village.paid(world.anna, world.ben, 1_250n, "Honey", 31);
    payment.status = "too_late";
    const { page } = await open(world.anna, { path: `#/payment/${payment.payment}` });
    await text(page, "Ben Okafor did not take it in time").waitFor();
    await text(page, "Coming back to you").waitFor();
    expect(await page.getByRole("button", { name: "Take 12.50 Oaks back" }).count()).toBe(0);
  });

  test("a large payment says who else has seen it, and is not taken with the others", async () => {
    const large = world.village.paid(world.ben, world.anna, 90_000n, "Roof");
    world.village.paid(world.ben, world.anna, 100n, "Egg");
    world.village.paid(world.ben, world.anna, 100n, "Egg");
    large.seen_by = 0;
    const { page } = await open(world.anna, { path: "#/waiting" });
    await text(page, "Nobody else has said yet that they have seen it").waitFor();
    await page.getByRole("button", { name: "Take all 2 that have arrived: 2.00 Oaks" }).waitFor();
    large.seen_by = 3;
    await page.getByRole("link", { name: "See details from Ben Okafor" }).first().click();
    await text(page, "Seen by 3 other members").waitFor();
    await page.getByRole("button", { name: "Take 900.00 Oaks" }).click();
    await text(page, "Taken: it counts in your balance").waitFor();
    expect(world.anna.balance).toBe(90_000n);
  });

  test("a payment out of two versions of a record can only be sent back", async () => {
    const payment = world.village.paid(world.ben, world.anna, 1_250n, "Honey");
    payment.status = "forked";
    const { page } = await open(world.anna, { path: "#/waiting" });
    await text(page, "There are two versions of this member's record").waitFor();
    expect(await page.getByRole("button", { name: "Take 12.50 Oaks" }).count()).toBe(0);
    await page.getByRole("link", { name: "See details" }).click();
    await text(page, "There are two versions of the payer's record").waitFor();
    await page.getByRole("button", { name: "Send back" }).click();
    await page.getByRole("button", { name: "Send 12.50 Oaks back" }).click();
    await text(page, "Sent back by you").waitFor();
    expect(world.anna.balance).toBe(0n);
  });

  test("the member says up to which amount payments are taken by themselves", async () => {
    const { page } = await open(world.anna, { path: "#/waiting" });
    await text(page, "Payments up to 200.00 Oaks are taken by themselves").click();
    const amount = page.getByLabel("Take by themselves up to, in Oaks");
    const keep = page.getByRole("button", { name: "Keep this amount" });
    await amount.fill("many");
    await keep.click();
    await text(page, "Write the amount in digits").waitFor();
    expect(world.anna.preferences.take_up_to).toBeNull();
    await amount.fill("25,5");
    await keep.click();
    await text(page, "Payments up to 25.50 Oaks are taken by themselves").waitFor();
    expect(world.anna.preferences.take_up_to).toBe("2550");
    await amount.fill("0");
    await keep.click();
    await text(page, "No payment is taken without you").waitFor();
    expect(world.anna.preferences.take_up_to).toBe("0");
  });

  test("all that have arrived are taken together, at most 16", async () => {
    for (let n = 1; n <= 17; n += 1) world.village.paid(world.ben, world.anna, 100n, `Egg ${n}`);
    const { page } = await open(world.anna, { path: "#/waiting" });
    const all = "Take all 16 that have arrived: 16.00 Oaks";
    await page.getByRole("button", { name: all }).dblclick();
    await text(page, "Taken: 16 payments, 16.00 Oaks").waitFor();
    await text(page, "Egg 17").waitFor();
    expect(world.anna.balance).toBe(1_600n);
  });

  test("an answer that comes too late is explained", async () => {
    world.village.paid(world.ben, world.anna, 500n, "Apples");
    const { page } = await open(world.anna, { path: "#/waiting" });
    await page.getByRole("button", { name: "Take 5.00 Oaks" }).waitFor();
    world.anna.before = (fn) => {
      if (fn === "receive") throw new Refusal("EXPIRED", { expired: "1" });
    };
    await page.getByRole("button", { name: "Take 5.00 Oaks" }).click();
    await text(page, "It can only be sent back now.").waitFor();
  });
});

describe("months", () => {
  test("what was sold and bought is summed up with whom and in which kinds", async () => {
    const { village, anna, ben } = world;
    village.taken(ben, anna, 5_000n, "Apples", 10);
    village.taken(anna, ben, 700n, "Bread", 9);
    village.closeMonth(anna, 100n, Date.now() - 8 * DAY_MS);
    // More partners than a month lists, and a community that takes a fee.
    const others = { sales: "0", purchases: "200" };
    Object.assign(anna.months[0] ?? {}, { others, fees: "25" });
    village.taken(ben, anna, 300n, "Eggs", 7);
    const { page } = await open(anna, { path: "#/activity" });
    await page.getByRole("link", { name: "See your months" }).click();
    const closed = page.getByRole("region", { name: /^Month closed on/ });
    const sums = "Sold50.00 OaksBought7.00 OaksFees0.25 OaksGiven to the community fund1.00 Oaks";
    await expect.poll(() => facts(closed)).toContain(sums);
    expect(await facts(closed)).toContain("Change of your balance+42.00 Oaks");
    const running = page.getByRole("region", { name: "This month so far" });
    const soFar = "Sold3.00 OaksBought0.00 OaksChange of your balance+3.00 Oaks";
    expect(await facts(running)).toContain(soFar);
    await closed.getByText("With whom, and which kinds of trade").first().click();
    await closed.getByRole("row", { name: "Ben Okafor 50.00 7.00" }).waitFor();
    await closed.getByRole("row", { name: "All others 0.00 2.00" }).waitFor();
    await closed.getByRole("row", { name: "Kind of trade: Food 50.00 7.00" }).waitFor();
  });

  test("before the first one the page says when it comes", async () => {
    const { page } = await open(world.anna, { path: "#/months" });
    await text(page, "No month has been closed yet").waitFor();
  });
});

describe("activity", () => {
  test("shows pages of 20 to the end, and new entries only when asked", async () => {
    use(busyVillage());
    const { page } = await open(world.anna, { path: "#/activity" });
    const rows = page.getByRole("row");
    await page.getByRole("button", { name: "Show 20 earlier" }).click();
    await text(page, "This is all: 29 entries").waitFor();
    expect(await rows.count()).toBe(30);
    world.village.paid(world.anna, world.ben, 100n, "Stamps");
    await page.getByRole("button", { name: "Show 1 new" }).waitFor();
    expect(await rows.count()).toBe(30);
    await page.getByRole("button", { name: "Show 1 new" }).click();
    await text(page, "Stamps").waitFor();
  });
});

describe("finding entries", () => {
  const find = (page: Page) => page.getByRole("button", { name: "Find", exact: true });
  const rows = async (page: Page) => (await page.getByRole("row").count()) - 1;

  test("by words, person, way, amount, kind and day, and back leads back", async () => {
    use(busyVillage());
    const { page } = await open(world.anna, { path: "#/activity" });
    await text(page, "Find entries").click();
    await page.getByLabel("Words in the note or the name").fill("HONEY");
    await page.keyboard.press("Enter");
    await text(page, "This is all: 6 entries fit").waitFor();
    expect(await rows(page)).toBe(6);
    await page.getByLabel("In or out").selectOption("What went out");
    await find(page).click();
    await text(page, "This is all: 2 entries fit").waitFor();
    expect(page.url()).toContain("#/activity?text=HONEY&direction=out");
    await page.goBack();
    await text(page, "This is all: 6 entries fit").waitFor();
    expect(await page.getByLabel("In or out").inputValue()).toBe("");
    await page.getByLabel("With", { exact: true }).selectOption({ label: nameOf(world.ben) });
    await page.getByLabel("At least, in Oaks").fill("12,6");
    await page.getByLabel("Kind of trade").selectOption("Food");
    await find(page).click();
    await text(page, "This is all: 2 entries fit").waitFor();
    await page.getByLabel("Last day").fill("2020-01-01");
    await find(page).click();
    await text(page, "Nothing fits.").waitFor();
    await page.getByRole("link", { name: "Show everything" }).click();
    await text(page, "Showing the newest 20").waitFor();
    expect(await page.getByLabel("Last day").inputValue()).toBe("");
  });

  test("finds what a person's name holds, and where a payment stands", async () => {
    use(busyVillage());
    const { page, url } = await open(world.anna, { path: "#/activity?text=deniz" });
    await text(page, "This is all: 1 entry fits").waitFor();
    await text(page, "Roof tiles").waitFor();
    await page.goto(`${url}#/activity?status=returned`);
    await text(page, "Nothing fits.").waitFor();
    await page.goto(`${url}#/activity?status=declined`);
    await text(page, "Sourdough course").waitFor();
    world.village.membersComplete = false;
    await page.goto(`${url}#/activity?text=nobody`);
    await page.reload();
    await text(page, "Some names have not arrived on this device yet").waitFor();
  });

  test("tells how far it has looked, stops when asked, and goes on", async () => {
    const { village, anna, ben } = world;
    village.taken(ben, anna, 100n, "The needle", 39);
    for (let day = 30; day > 0; day -= 1) village.taken(ben, anna, 100n, "Hay", day);
    village.look = 3;
    let free = () => {};
    anna.before = async (fn) => {
      const calls = anna.calls.get(fn) ?? 0;
      if (fn === "activity" && calls > 3) await new Promise<void>((go) => (free = go));
    };
    const { page } = await open(anna, { path: "#/activity?text=needle" });
    await text(page, /^Found 0\. Looked back to \d+ \w+/).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    free();
    await text(page, /^Found 0 so far, back to \d+ \w+/).waitFor();
    expect(anna.calls.get("activity")).toBe(4);
    anna.before = (fn) => {
      if (fn === "activity") throw new Refusal("TRY_AGAIN");
    };
    await page.getByRole("button", { name: "Look further back" }).click();
    await text(page, "Code for support: TRY_AGAIN").waitFor();
    anna.before = () => {};
    await page.getByRole("button", { name: "Try again" }).click();
    await text(page, "This is all: 1 entry fits").waitFor();
    await text(page, "The needle").waitFor();
    village.taken(ben, anna, 100n, "Another needle");
    await page.getByRole("button", { name: "Look again: 1 new" }).click();
    await text(page, "This is all: 2 entries fit").waitFor();
  });

  test("is refused with words for what cannot be read", async () => {
    const { page } = await open(world.anna, { path: "#/activity" });
    await text(page, "Nothing has happened yet").waitFor();
    const asked = world.anna.calls.get("activity");
    await text(page, "Find entries").click();
    await page.getByLabel("First day").fill("2026-10-31");
    await page.getByLabel("Last day").fill("2026-10-01");
    await page.getByLabel("At most, in Oaks").fill("much");
    await find(page).click();
    await text(page, "The last day is before the first.").waitFor();
    await text(page, "Write the amount in digits").waitFor();
    const last = page.getByLabel("Last day");
    await expect.poll(() => last.evaluate((it) => it === document.activeElement)).toBe(true);
    expect(world.anna.calls.get("activity")).toBe(asked);
  });

  test("is possible with the keyboard alone", async () => {
    use(busyVillage());
    const { page } = await open(world.anna, { path: "#/activity" });
    const summary = text(page, "Find entries");
    await summary.focus();
    await page.keyboard.press("Enter");
    await tabTo(page, "searchbox", "Words in the note or the name");
    await page.keyboard.type("tiles");
    await tabTo(page, "button", "Find");
    await page.keyboard.press("Enter");
    await text(page, "This is all: 1 entry fits").waitFor();
    await page.getByRole("status").getByText("This is all: 1 entry fits").waitFor();
  });
});

describe("the statement of a month", () => {
  test("adds up, and nothing else is printed", async () => {
    const { village, anna, ben } = world;
    village.taken(ben, anna, 900n, "Cider", 39);
    village.closeMonth(anna, 0n, Date.now() - 35 * DAY_MS);
    for (let n = 0; n < 24; n += 1) village.taken(ben, anna, 100n, `Egg ${n}`, 30);
    village.taken(anna, ben, 700n, "Bread", 20);
    village.closeMonth(anna, 50n, Date.now() - 8 * DAY_MS);
    village.taken(ben, anna, 300n, "Later", 1);
    const { page } = await open(anna, { path: "#/months", colorScheme: "dark" });
    await page.getByRole("link", { name: "See all entries, to print" }).nth(1).click();
    await focusedHeading(page, "Statement of a month");
    const sheet = page.getByRole("article", { name: /^Statement from / });
    const [opening, closing] = ["Balance before9.00 Oaks", "Balance after25.50 Oaks"];
    await expect.poll(() => facts(sheet)).toContain(opening);
    const sums = "Sold24.00 OaksBought7.00 OaksGiven to the community fund0.50 Oaks";
    expect(await facts(sheet)).toContain(sums);
    expect(await facts(sheet)).toContain("Change of your balance+16.50 Oaks");
    expect(await facts(sheet)).toContain(closing);
    // The heading, the balances before and after, 25 payments and the end of the month.
    expect(await sheet.getByRole("row").count()).toBe(29);
    expect(await text(page, "Cider").count()).toBe(0);
    expect(await text(page, "Later").count()).toBe(0);
    await page.evaluate(() => Object.assign(globalThis, { print: () => (document.title = "P") }));
    await page.getByRole("button", { name: "Print" }).click();
    expect(await page.title()).toBe("P");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const role of ["banner", "navigation", "complementary", "button", "link"] as const) {
      expect([role, await page.getByRole(role).count()]).toEqual([role, 0]);
    }
    const paper = await page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body);
      return [backgroundColor, color, document.body.innerText.trim().split("\n")[0]];
    });
    expect(paper).toEqual(["rgb(255, 255, 255)", "rgb(0, 0, 0)", "Oakvale"]);
  });

  test("of the running month is so far, and one that does not add up is not shown", async () => {
    const { village, anna, ben } = world;
    village.taken(ben, anna, 900n, "Cider", 3);
    const { page, url } = await open(anna, { path: "#/months" });
    await page.getByRole("link", { name: "See all entries, to print" }).click();
    await text(page, /^So far: from/).waitFor();
    await text(page, "Change of your balance so far").waitFor();
    const [, taken] = anna.entries;
    if (taken) taken.balance += 1n;
    await page.goto(`${url}#/months`);
    await page.getByRole("link", { name: "See all entries, to print" }).click();
    await text(page, "Your account does not add up").waitFor();
    expect(await page.getByRole("button", { name: "Print" }).count()).toBe(0);
  });

  test("is gathered page by page and says why it could not be", async () => {
    const { village, anna, ben } = world;
    for (let n = 0; n < 24; n += 1) village.taken(ben, anna, 100n, `Egg ${n}`, 30);
    anna.before = (fn) => {
      const calls = anna.calls.get(fn) ?? 0;
      if (fn === "activity" && calls > 2) throw new Refusal("TRY_AGAIN");
    };
    const newest = anna.entries.at(-1)?.entry ?? "";
    const { page } = await open(anna, { path: `#/months/${newest}` });
    await text(page, "Code for support: TRY_AGAIN").waitFor();
    anna.before = () => {};
    await page.getByRole("button", { name: "Try again" }).click();
    await text(page, "Egg 0").waitFor();
  });
});

describe("the account as a file", () => {
  const save = (page: Page) => page.getByRole("button", { name: "Save the file" });

  test("is asked for in the kind and the days that were chosen, and saved", async () => {
    use(busyVillage());
    const { page, host } = await open(world.anna, { path: "#/activity" });
    const files = page.waitForEvent("download");
    await page.getByLabel("Kind of file").selectOption("Bank statement (camt.053)");
    await page.getByLabel("From", { exact: true }).fill("2026-10-01");
    await page.getByLabel("To", { exact: true }).fill("2026-10-31");
    await save(page).click();
    const file = await files;
    expect(file.suggestedFilename()).toBe("weir-account.xml");
    expect(readFileSync(await file.path(), "utf8")).toBe("camt053 of Anna Weber");
    await text(page, "The file is made: 29 rows").waitFor();
    expect(host.exports).toEqual([{ format: "camt053", from: "2026-10-01", to: "2026-10-31" }]);
  });

  test("is whole when no day is chosen, with the keyboard alone", async () => {
    const { page, host } = await open(world.anna, { path: "#/activity" });
    const files = page.waitForEvent("download");
    await save(page).waitFor();
    await tabTo(page, "combobox", "Kind of file");
    await page.keyboard.type("Table with");
    await tabTo(page, "button", "Save the file");
    await page.keyboard.press("Enter");
    expect((await files).suggestedFilename()).toBe("weir-account-full.csv");
    await text(page, "The file is made: 1 row").waitFor();
    expect(host.exports).toEqual([{ format: "csv-full", from: null, to: null }]);
  });

  test("is not asked for with the last day before the first", async () => {
    const { page, host } = await open(world.anna, { path: "#/activity" });
    await page.getByLabel("From", { exact: true }).fill("2026-10-31");
    await page.getByLabel("To", { exact: true }).fill("2026-10-01");
    await text(page, "The last day is before the first.").waitFor();
    await save(page).click();
    const last = page.getByLabel("To", { exact: true });
    await expect.poll(() => last.evaluate((it) => it === document.activeElement)).toBe(true);
    expect(host.exports).toEqual([]);
  });

  test("says why there is none, and is asked for again", async () => {
    world.anna.before = (fn) => {
      if (fn === "export") throw new Refusal("EXPORT_UNFIT", { amount: "1.000001" });
    };
    const { page, host } = await open(world.anna, { path: "#/activity" });
    await save(page).click();
    await text(page, "This kind of file cannot hold the amount 1.000001.").waitFor();
    host.stop();
    await page.getByRole("button", { name: "Try again" }).click();
    await text(page, "Weir on your computer did not answer.").waitFor();
    host.start();
    world.anna.before = () => {};
    const files = page.waitForEvent("download");
    await page.getByRole("button", { name: "Try again" }).click();
    expect((await files).suggestedFilename()).toBe("weir-account.csv");
  });
});

describe("the connection", () => {
  test("is made again with a fresh token, and what was missed is fetched", async () => {
    const { page, host } = await open(world.anna);
    await text(page, "Up to date · 4 neighbours reachable").waitFor();
    await text(page, "Nothing needs you now.").waitFor();
    host.stop();
    await text(page, "Not connected · trying again").waitFor();
    world.village.paid(world.ben, world.anna, 500n, "Apples");
    host.start();
    await text(page, "1 payment has arrived: 5.00 Oaks").waitFor();
    expect(host.tokensGiven).toBe(2);
  });

  test("is told without the program's status too", async () => {
    world.anna.status = null;
    const { page } = await open(world.anna);
    await page.getByRole("link", { name: "Connected", exact: true }).waitFor();
  });

  test("shows the last known figures at once while nothing answers", async () => {
    const { page, host } = await open(world.anna);
    await text(page, "You are even").waitFor();
    await text(page, "first steps").waitFor();
    host.stop();
    host.start();
    world.anna.before = () => new Promise(() => {});
    await page.reload();
    await text(page, "You are even").waitFor();
    await text(page, "As of your last visit").waitFor();
  });

  test("uses a launcher's environment and asks its own host for nothing", async () => {
    const conductor = await serve(world.anna);
    const asked: string[] = [];
    const { page } = await open(world.ben, {
      bypassCSP: true,
      prepare: async (tab) => {
        tab.on("request", (request) => asked.push(new URL(request.url()).pathname));
        await tab.exposeFunction("signOutside", (params: Record<string, unknown>) => {
          const bytes = Buffer.from(encode({ ...params, payload: encode(params.payload) }));
          return [[...bytes], [...sign(bytes)]];
        });
        await tab.addInitScript(launcher, {
          APP_INTERFACE_PORT: Number(new URL(conductor.url).port),
          APP_INTERFACE_TOKEN: conductor.host.token(),
          INSTALLED_APP_ID: "weir",
        });
      },
    });
    await text(page, "You are Anna Weber").waitFor();
    await text(page, "You are even").waitFor();
    await page.getByRole("link", { name: "Activity", exact: true }).click();
    await text(page, "This is all: 1 entry").waitFor();
    expect(await page.getByRole("button", { name: "Save the file" }).count()).toBe(0);
    await conductor.close();
    for (const own of ["/token", "/status", "/sign", "/export"]) expect(asked).not.toContain(own);
  });
});

test("focus goes to the heading of a new page and the skip button leads there", async () => {
  const { page } = await open(world.anna);
  await text(page, "You are even").waitFor();
  await page.getByRole("link", { name: "Activity", exact: true }).click();
  await focusedHeading(page, "Activity");
  await page.reload();
  await heading(page, "Activity").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await focusedHeading(page, "Activity");
});

/** Runs in the page before anything else, in the place of a launcher. */
function launcher(environment: object): void {
  const signer = {
    signZomeCall: async (request: object) => {
      const { signOutside } = globalThis as unknown as {
        signOutside: (request: object) => Promise<[number[], number[]]>;
      };
      const [bytes, signature] = await signOutside(request);
      return { bytes: new Uint8Array(bytes), signature: new Uint8Array(signature) };
    },
  };
  Object.assign(globalThis, {
    __HC_LAUNCHER_ENV__: environment,
    __HC_ZOME_CALL_SIGNER__: signer,
  });
}

/** The words and figures of a list of facts, as they are seen. */
async function facts(part: Locator): Promise<string> {
  const list = part.locator("dl");
  return (await list.innerText()).replace(/\n/g, "");
}

/** As the list of people to choose from names them. */
function nameOf(member: World["anna"]): string {
  return `${member.name} · ${typed(member)}`;
}

/** The one payment of a member; more or none is a failure. */
function only(member: World["anna"]) {
  const paid = [...world.village.payments.values()].filter(({ payer }) => payer === member.member);
  expect(paid.length).toBe(1);
  const [payment] = paid;
  if (!payment) throw new Error("there is no payment");
  return payment;
}
