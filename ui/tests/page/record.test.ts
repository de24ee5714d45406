/** The record, its copies, the clock, a backup and a report, as members meet them. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { Clock, Copies, NodeStatus, OwnRecord } from "../../src/lib/node.svelte.ts";
import type { Opened } from "./browser.ts";
import { eachTest, open as openAt, world } from "./fixtures.ts";
import { heading, payButton, reviewPayment, text } from "./steps.ts";

eachTest();
let opened: Opened;

async function open(path: string, prepare?: (page: Page) => Promise<void>): Promise<Page> {
  opened = await openAt(world.anna, { path, ...(prepare && { prepare }) });
  return opened.page;
}

function says(change: Partial<NodeStatus>): void {
  world.anna.status = { ...(world.anna.status as NodeStatus), ...change };
}

const compared = { here: 14, elsewhere: 12, at_ms: Date.UTC(2026, 4, 1, 12, 0) };
const AHEAD: Clock = { state: "ahead", ahead_ms: 660_000, members: 3 };

describe("the record", () => {
  const STATES: [OwnRecord, string, string][] = [
    [{ standing: "in_order", compared }, "Your record is in order.", "There is nothing to do."],
    [{ standing: "asking", compared: null }, "are being asked", "up to a minute"],
    [{ standing: "nobody_answered", compared: null }, "Nobody has answered", "You can pay."],
    [{ standing: "behind", compared }, "hold newer entries", "Nothing is written here"],
    [{ standing: "two_versions", compared }, "two versions", "Stop every other copy"],
  ];

  test.each(STATES)("$standing is said, and what to do", async (record, said, todo) => {
    says({ record });
    const page = await open("#/connection");
    await page.getByRole("link", { name: "Is your record in order?" }).click();
    await heading(page, "Is your record in order?").waitFor();
    await text(page, said).waitFor();
    await text(page, todo).waitFor();
    const last = record.compared ? "number 12; the newest here was number 14" : "Not yet";
    await text(page, last).waitFor();
  });

  test("is not known while the program is away, and comes back with it", async () => {
    const page = await open("#/record");
    await text(page, "Your record is in order.").waitFor();
    opened.host.stop();
    await text(page, "Weir on your computer did not answer.").waitFor();
    opened.host.start();
    await page.getByRole("button", { name: "Try again" }).click();
    await text(page, "Your record is in order.").waitFor();
  });

  test("is waited for in words", async () => {
    const page = await open("#/record", async (page) => {
      await page.route("**/status", () => undefined);
    });
    await page.locator("[aria-busy=true]", { hasText: "Loading" }).waitFor();
    await page.unrouteAll();
  });

  test("is said as far as it is known", async () => {
    says({ copies: null, clock: { state: "unknown", ahead_ms: null, members: 0 } });
    const page = await open("#/record");
    await text(page, "Nobody could be asked yet.").waitFor();
    await text(page, "Not compared yet.").waitFor();
  });
});

describe("the clock", () => {
  test("that is off is said before paying and stops nothing", async () => {
    says({ clock: AHEAD });
    const page = await open("#/");
    await page.getByRole("link", { name: "Pay someone" }).click();
    await text(page, "This computer’s clock is 11 minutes ahead").waitFor();
    await page.goto(`${opened.url}#/`);
    await reviewPayment(page, { to: "Ben Okafor", amount: "1", memo: "Honey" });
    await payButton(page).click();
    await heading(page, "Payment to Ben Okafor").waitFor();
  });

  test.each(["connection", "record"])("that is off is said on the page %s", async (path) => {
    says({ clock: { ...AHEAD, state: "behind", ahead_ms: -660_000 } });
    const page = await open(`#/${path}`);
    await text(page, "11 minutes behind your neighbours’ clocks").waitFor();
  });

  test("that is right, or was not compared, is not mentioned before paying", async () => {
    const page = await open("#/pay");
    await page.getByRole("button", { name: "Check the payment" }).waitFor();
    expect(await page.getByText("minutes ahead").count()).toBe(0);
    expect(await page.getByText("computer’s clock").count()).toBe(0);
  });
});

describe("copies", () => {
  const few = (others: number, newest: number): Copies => ({
    others,
    newest,
    enough: newest >= 2,
    asked_ms: Date.now(),
  });

  test("that do not exist yet are missed at home", async () => {
    says({ copies: few(0, 0) });
    const page = await open("#/");
    await text(page, "No copy exists yet besides yours.").waitFor();
    says({ copies: few(3, 0) });
    await text(page, "No other device shows your newest entry yet.").waitFor();
    says({ copies: few(1, 1) });
    await text(page, "Only 1 other device shows your newest entry so far.").waitFor();
    says({ copies: few(2, 2) });
    await page.getByText("Only 1 other device").waitFor({ state: "detached" });
    expect(await page.getByText("No copy exists").count()).toBe(0);
  });

  test("of which nobody could say anything are no promise", async () => {
    says({ copies: null, record: { standing: "nobody_answered", compared: null } });
    const page = await open("#/");
    await text(page, "Nobody could be asked whether a copy exists").waitFor();
    await page.getByRole("link", { name: "See more" }).click();
    await heading(page, "Is your record in order?").waitFor();
  });
});

describe("a backup", () => {
  const save = (page: Page) => page.getByRole("button", { name: "Save the backup" });

  test("says first what does not come back, and is saved with the right passphrase", async () => {
    const page = await open("#/record");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
    const warning = await page.getByText("What does not come back").boundingBox();
    const field = page.getByLabel("Your passphrase");
    expect(warning?.y ?? Infinity).toBeLessThan((await field.boundingBox())?.y ?? 0);

    await save(page).click();
    await text(page, "Write your passphrase.").waitFor();
    await field.fill("wrong horse");
    await page.keyboard.press("Enter");
    await text(page, "This is not the passphrase").waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");

    await field.fill("correct horse");
    const download = page.waitForEvent("download");
    await save(page).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe("weir.backup");
    expect(readFileSync(await file.path(), "utf8")).toBe("backup of Anna Weber");
    await text(page, "Keep it elsewhere than on this computer.").waitFor();
    expect(await field.inputValue()).toBe("");
    expect(asked.filter((line) => line.endsWith("/backup")).length).toBe(2);
    expect(asked.filter((line) => line.includes("horse"))).toEqual([]);
  });

  test("that the program does not answer for is no backup", async () => {
    const page = await open("#/record");
    await page.getByLabel("Your passphrase").fill("correct horse");
    opened.host.stop();
    await save(page).click();
    await text(page, "Code for support: NO_ANSWER").waitFor();
    expect(await page.getByText("The file is made.").count()).toBe(0);
  });
});

describe("a report", () => {
  test("is shown and copied", async () => {
    const page = await open("#/record");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await text(page, "It holds no names, notes, amounts").waitFor();
    await page.getByRole("button", { name: "Make the report" }).click();
    await page.getByRole("button", { name: "Copy it" }).click();
    await text(page, "The report is copied.").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(world.anna.report);
  });

  test("that cannot be copied can be read", async () => {
    const page = await open("#/record", async (page) => {
      await page.addInitScript(() => {
        Object.defineProperty(navigator, "clipboard", { value: undefined });
      });
    });
    await page.getByRole("button", { name: "Make the report" }).click();
    await page.getByRole("button", { name: "Copy it" }).click();
    await text(page, "Mark the text below").waitFor();
    const shown = page.getByRole("textbox", { name: "A report for whoever helps you" });
    expect(await shown.inputValue()).toBe(world.anna.report);
  });
});
