/** Every page in its states, light and dark, wide and at 320 px: no violation, nothing cut off. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { typed } from "../fake/asks.ts";
import { askingVillage, busyVillage, newcomer, twoMembers } from "../fake/worlds.ts";
import type { NodeStatus } from "../../src/lib/node.svelte.ts";
import { Refusal } from "../fake/village.ts";
import { violations } from "./axe.ts";
import { launch, openPage } from "./browser.ts";
import { fillPayment, heading, payButton, text } from "./steps.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const LOOKS = [
  { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  { viewport: { width: 320, height: 640 }, colorScheme: "light" },
  { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
] as const;

for (const look of LOOKS) {
  const name = `${look.viewport.width} px, ${look.colorScheme}`;

  test(`first visit and empty pages, ${name}`, { timeout: 120_000 }, async () => {
    const first = await openPage(browser, newcomer().anna, look);
    await first.page.getByLabel("Your name").waitFor();
    await sound(first.page);
    await first.page.getByRole("button", { name: "Join Oakvale" }).click();
    await text(first.page, "Write your name.").waitFor();
    await sound(first.page);
    expect(first.errors).toEqual([]);
    await first.close();

    const { page, url, errors, close } = await openPage(browser, twoMembers().anna, look);
    await text(page, "first steps").waitFor();
    await sound(page);
    await page.goto(`${url}#/waiting`);
    await text(page, "No payment waits for you").waitFor();
    await sound(page);
    await page.goto(`${url}#/activity`);
    await text(page, "Nothing has happened yet").waitFor();
    await sound(page);
    await page.goto(`${url}#/months`);
    await text(page, "No month has been closed yet").waitFor();
    await sound(page);
    await page.goto(`${url}#/nowhere`);
    await heading(page, "There is no such page").waitFor();
    await sound(page);
    expect(errors).toEqual([]);
    await close();
  });

  test(`full pages, ${name}`, { timeout: 120_000 }, async () => {
    const world = busyVillage();
    world.village.membersComplete = false;
    world.village.waitingComplete = false;
    const { page, url, errors, close } = await openPage(browser, world.anna, look);
    const visit = (path: string) => page.goto(`${url}#/${path}`);
    await text(page, "sent back 23.00").waitFor();
    await sound(page);
    await visit("waiting");
    await text(page, "there are more").waitFor();
    await sound(page);
    await page.getByRole("button", { name: "Send back" }).first().click();
    await page.getByRole("dialog").waitFor();
    await sound(page);
    await page.keyboard.press("Escape");
    await visit("activity");
    await page.getByRole("button", { name: "Show 20 earlier" }).waitFor();
    await sound(page);
    await page.getByLabel("From", { exact: true }).fill("2026-10-31");
    await page.getByLabel("To", { exact: true }).fill("2026-10-01");
    await text(page, "The last day is before the first.").waitFor();
    await sound(page);
    await visit("activity?text=honey&least=many&from=2026-10-31&to=2026-10-01");
    await text(page, "Write the amount in digits").waitFor();
    await sound(page);
    await visit("activity?text=honey");
    await text(page, "This is all: 6 entries fit").waitFor();
    await text(page, "Some names have not arrived").waitFor();
    await sound(page);
    await visit("activity?status=returned");
    await text(page, "Nothing fits.").waitFor();
    await sound(page);
    await visit("months");
    await text(page, "With whom, and which kinds of trade").click();
    await sound(page);
    await page.getByRole("link", { name: "See all entries, to print" }).last().click();
    await page.getByRole("button", { name: "Print" }).waitFor();
    await sound(page);
    await visit("activity");
    await page.getByRole("link", { name: "Paid Carla" }).first().click();
    await page.getByRole("button", { name: "Take 23.00 Oaks back" }).waitFor();
    await sound(page);
    await visit("pay");
    await page.getByRole("button", { name: "Check the payment" }).click();
    await text(page, "Please look at 4 fields").waitFor();
    await sound(page);
    await fillPayment(page, { to: "Ben Okafor", amount: "12,5", memo: "Honey" });
    await page.getByRole("button", { name: "Check the payment" }).click();
    await payButton(page).waitFor();
    await sound(page);
    await visit("connection");
    await text(page, "Shared records held here").waitFor();
    await sound(page);
    await visit("record");
    await text(page, "Your record is in order.").waitFor();
    await page.getByRole("button", { name: "Save the backup" }).click();
    await text(page, "Write your passphrase.").waitFor();
    await page.getByRole("button", { name: "Make the report" }).click();
    await page.getByRole("button", { name: "Copy it" }).waitFor();
    await sound(page);
    world.anna.status = {
      ...(world.anna.status as NodeStatus),
      clock: { state: "behind", ahead_ms: -1_500_000, members: 3 },
      record: { standing: "two_versions", compared: { here: 9, elsewhere: 8, at_ms: 0 } },
      copies: { others: 0, newest: 0, enough: false, asked_ms: 0 },
    };
    await text(page, "There are two versions of your record.").waitFor();
    await sound(page);
    await visit("pay");
    await text(page, "25 minutes behind").waitFor();
    await sound(page);
    await visit("");
    await text(page, "No copy exists yet besides yours.").waitFor();
    await sound(page);
    expect(errors).toEqual([]);
    await close();
  });

  test(`asks, codes and the till, ${name}`, { timeout: 120_000 }, async () => {
    const empty = await openPage(browser, twoMembers().anna, { ...look, path: "#/ask" });
    await text(empty.page, "You have asked for nothing yet.").waitFor();
    await sound(empty.page);
    await empty.page.getByRole("button", { name: "Check the request" }).click();
    await text(empty.page, "Please look at 4 fields").waitFor();
    await sound(empty.page);
    await empty.page.goto(`${empty.url}#/requests`);
    await text(empty.page, "Nobody asks you for payment now").waitFor();
    await sound(empty.page);
    await empty.close();

    const { anna, ben, village } = askingVillage();
    const { page, url, errors, close } = await openPage(browser, anna, look);
    const visit = (path: string) => page.goto(`${url}#/${path}`);
    await text(page, "3 requests for payment are for you").waitFor();
    await sound(page);
    await visit("ask");
    await text(page, "You can remind from").waitFor();
    await sound(page);
    await page.getByRole("button", { name: "Let it go" }).first().click();
    await page.getByRole("dialog").waitFor();
    await sound(page);
    await page.keyboard.press("Escape");
    await fillPayment(page, { to: "Ben Okafor", amount: "12,5", memo: "Honey" });
    await page.getByRole("button", { name: "Check the request" }).click();
    await page.getByRole("button", { name: "Ask Ben Okafor" }).waitFor();
    await sound(page);
    await visit("ask");
    await page.getByRole("link", { name: "Whoever sees the code" }).click();
    await page.getByRole("img", { name: "Code to pay" }).waitFor();
    await page.getByText("The whole code as text").click();
    await sound(page);
    await visit("requests");
    await text(page, "joined less than 30 days ago").waitFor();
    await sound(page);
    await page.getByRole("button", { name: "Decline" }).first().click();
    await page.getByRole("dialog").waitFor();
    await sound(page);
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "See details" }).first().click();
    await heading(page, "Request from Emeka").waitFor();
    await text(page, "Asked by").waitFor();
    await sound(page);
    await visit("code");
    await page.getByRole("img", { name: "Code to pay" }).waitFor();
    await page.getByLabel("Amount in Oaks").fill("much");
    await text(page, "Write the amount in digits").waitFor();
    await sound(page);
    await visit("pay/code");
    await page.getByLabel("Code, typed or pasted").fill("wrong");
    await page.getByRole("button", { name: "Look at the code" }).click();
    await text(page, "This is no code").waitFor();
    await sound(page);
    await page.getByLabel("Code, typed or pasted").fill(typed(ben));
    await page.getByRole("button", { name: "Look at the code" }).click();
    await text(page, "This code pays Ben Okafor").waitFor();
    await sound(page);
    await visit("till");
    await page.getByRole("img", { name: "Code to pay" }).waitFor();
    await text(page, "When a payment arrives").click();
    await page.getByRole("button", { name: "Put it on a tab" }).click();
    village.paid(ben, anna, 750n, "Bread");
    await page.getByRole("log").getByText("Ben Okafor").waitFor();
    await sound(page);
    expect(errors).toEqual([]);
    await close();
  });

  test(`waiting and failing pages, ${name}`, { timeout: 120_000 }, async () => {
    const world = twoMembers();
    world.anna.before = (fn) => (fn === "position" ? new Promise(() => {}) : undefined);
    const slow = await openPage(browser, world.anna, {
      ...look,
      prepare: (page) => page.clock.install(),
    });
    await text(slow.page, "first steps").waitFor();
    await sound(slow.page);
    await slow.page.clock.fastForward(2_500);
    await text(slow.page, "Still fetching from neighbours").waitFor();
    await slow.page.clock.fastForward(8_000);
    await text(slow.page, "have not answered yet").waitFor();
    await slow.page.getByRole("button", { name: "Try again" }).waitFor();
    await sound(slow.page);
    await slow.close();

    world.anna.before = (fn) => {
      if ((world.anna.calls.get("activity") ?? 0) > 1 && fn === "activity") {
        throw new Refusal("SOMETHING_NEW");
      }
    };
    const lost = await openPage(browser, world.anna, { ...look, path: "#/activity?text=honey" });
    await text(lost.page, "Code for support: SOMETHING_NEW").waitFor();
    await sound(lost.page);
    await lost.page.goto(`${lost.url}#/months/none`);
    await text(lost.page, "Code for support: SOMETHING_NEW").waitFor();
    await sound(lost.page);
    await lost.close();

    world.anna.before = (fn) => {
      if (fn === "position" || fn === "waiting") throw new Refusal("SOMETHING_NEW");
    };
    world.anna.status = {
      state: "problem",
      known: 0,
      neighbours: 0,
      waiting: 2,
      held: 10,
      expected: 300,
      clock: { state: "unknown", ahead_ms: null, members: 0 },
      record: { standing: "nobody_answered", compared: null },
      copies: null,
      problems: [{ code: "CATCHING_UP", facts: {} }],
      notices: ["OTHER_UI", "DEMO_SHARED_NODE", "NEWER"],
      till: "off",
      since_ms: 0,
    };
    const failing = await openPage(browser, world.anna, look);
    await text(failing.page, "Code for support: SOMETHING_NEW").waitFor();
    await text(failing.page, "Something is wrong · see why").waitFor();
    await sound(failing.page);
    await failing.page.getByRole("link", { name: "see why" }).click();
    await text(failing.page, "still catching up").waitFor();
    await sound(failing.page);
    expect(failing.errors).toEqual([]);
    await failing.close();
  });
}

test("the check itself finds what is wrong", async () => {
  const { page, close } = await openPage(browser, twoMembers().anna);
  await text(page, "You are even").waitFor();
  await page.evaluate(() => {
    const main = document.querySelector("main");
    main?.append(document.createElement("img"), document.createElement("input"));
    const pale = document.createElement("p");
    pale.textContent = "pale";
    pale.style.color = "silver";
    main?.append(pale);
  });
  const found = (await violations(page)).map((line) => line.split(":")[0]);
  expect(found.sort()).toEqual(["color-contrast", "image-alt", "label"]);
  await close();
});

/** Nothing that axe objects to, no sideways scrolling, and the trial is named. */
async function sound(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
  const cut = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(cut).toBeLessThanOrEqual(0);
  expect(await page.getByText("This is a trial:").count()).toBe(1);
  expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
}
