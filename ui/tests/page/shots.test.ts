/** Pictures of every page for people to look at: WEIR_SHOTS=FOLDER npm run test:page -- shots */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { NodeStatus } from "../../src/lib/node.svelte.ts";
import { typed } from "../fake/asks.ts";
import { askingVillage, newcomer, twoMembers } from "../fake/worlds.ts";
import { launch, openPage } from "./browser.ts";
import { text } from "./steps.ts";

const folder = process.env.WEIR_SHOTS;

describe.runIf(folder)("pictures", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  const LOOKS = [
    { name: "desktop", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
    { name: "phone", viewport: { width: 360, height: 740 }, colorScheme: "light" },
    { name: "desktop-dark", viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
    { name: "phone-dark", viewport: { width: 360, height: 740 }, colorScheme: "dark" },
  ] as const;

  for (const { name, ...look } of LOOKS) {
    test(name, async () => {
      const shot = (page: Page, what: string) =>
        page.screenshot({ path: `${folder}/${what}-${name}.png`, fullPage: true });

      const first = await openPage(browser, newcomer().anna, look);
      await first.page.getByLabel("Your name").waitFor();
      await shot(first.page, "welcome");
      await first.close();

      const empty = await openPage(browser, twoMembers().anna, look);
      await empty.page.getByText("first steps").waitFor();
      await shot(empty.page, "home-empty");
      await empty.close();

      const world = askingVillage();
      const { page, url, close } = await openPage(browser, world.anna, look);
      const visit = (path: string) => page.goto(url + path);
      await page.getByText("sent back 23.00").waitFor();
      await shot(page, "home");
      await visit("#/waiting");
      await page.getByRole("button", { name: "Take all" }).waitFor();
      await shot(page, "waiting");
      await page.getByRole("button", { name: "Send back" }).first().click();
      await page.getByRole("dialog").waitFor();
      await shot(page, "send-back");
      await page.keyboard.press("Escape");
      await visit("#/months");
      await page.getByText("With whom").first().click();
      await shot(page, "months");
      await page.getByRole("link", { name: "See all entries, to print" }).last().click();
      await page.getByRole("button", { name: "Print" }).waitFor();
      await shot(page, "statement");
      await page.emulateMedia({ media: "print" });
      await shot(page, "statement-paper");
      await page.pdf({ path: `${folder}/statement-${name}.pdf`, preferCSSPageSize: true });
      await page.emulateMedia({ media: "screen" });
      await visit("#/activity?text=honey&direction=in");
      await page.getByText("This is all").first().waitFor();
      await shot(page, "activity-found");
      await visit("#/activity");
      await page.getByRole("button", { name: "Show 20 earlier" }).waitFor();
      await shot(page, "activity");
      await page.getByRole("link", { name: "Paid Ben" }).first().click();
      await page.getByRole("heading", { name: "Payment to Ben" }).waitFor();
      await page.getByText("Receipt number").waitFor();
      await shot(page, "payment");
      await visit("#/pay");
      await page.getByRole("button", { name: "Check the payment" }).click();
      await page.getByText("Please look at").waitFor();
      await shot(page, "pay-errors");
      await visit("#/activity");
      await visit("#/pay");
      await page.getByRole("radio", { name: "Ben Okafor" }).check();
      await page.getByLabel("Amount in Oaks").fill("12,5");
      await page.getByLabel("Kind of trade").selectOption("Food");
      await page.getByLabel("What is it for?").fill("Two jars of honey");
      await shot(page, "pay");
      await page.getByRole("button", { name: "Check the payment" }).click();
      await page.getByRole("button", { name: "Pay Ben" }).waitFor();
      await shot(page, "review");
      await visit("#/ask");
      await page.getByText("Cake").waitFor();
      await page.getByRole("radio", { name: "Ben Okafor" }).check();
      await page.getByLabel("Amount in Oaks").fill("12,5");
      await page.getByLabel("Kind of trade").selectOption("Food");
      await page.getByLabel("What is it for?").fill("Two jars of honey");
      await shot(page, "ask");
      await page.getByRole("button", { name: "Check the request" }).click();
      await page.getByRole("button", { name: "Ask Ben" }).waitFor();
      await shot(page, "ask-review");
      await visit("#/ask");
      await page.getByRole("link", { name: "Whoever sees the code" }).click();
      await page.getByRole("img", { name: "Code to pay" }).waitFor();
      await shot(page, "asked");
      await visit("#/requests");
      await page.getByText("Chain and brake").waitFor();
      await shot(page, "requests");
      await visit("#/code");
      await page.getByRole("img", { name: "Code to pay" }).waitFor();
      await shot(page, "code");
      await visit("#/pay/code");
      await page.getByLabel("Code, typed or pasted").fill(typed(world.ben));
      await page.getByRole("button", { name: "Look at the code" }).click();
      await page.getByText("This code pays Ben").waitFor();
      await shot(page, "pay-by-code");
      await visit("#/till");
      await page.getByLabel("Amount in Oaks").fill("7,5");
      await page.getByRole("img", { name: "7.50" }).waitFor();
      world.village.paid(world.ben, world.anna, 750n, "Bread");
      await page.getByRole("log").getByText("Ben Okafor").waitFor();
      await shot(page, "till");
      await visit("#/connection");
      await page.getByText("Shared records").waitFor();
      await shot(page, "connection");
      await visit("#/record");
      await text(page, "Your record is in order.").waitFor();
      await page.getByRole("button", { name: "Make the report" }).click();
      await page.getByRole("button", { name: "Copy it" }).waitFor();
      await shot(page, "record");
      world.anna.status = {
        ...(world.anna.status as NodeStatus),
        clock: { state: "ahead", ahead_ms: 840_000, members: 4 },
        record: { standing: "behind", compared: { here: 12, elsewhere: 14, at_ms: Date.now() } },
        copies: { others: 1, newest: 1, enough: false, asked_ms: Date.now() },
      };
      await text(page, "hold newer entries").waitFor();
      await shot(page, "record-behind");
      await visit("#/pay");
      await text(page, "14 minutes ahead").waitFor();
      await shot(page, "pay-clock");
      await visit("#/");
      await text(page, "Only 1 other device").waitFor();
      await shot(page, "home-copy");
      await close();
    });
  }
});
