/** Two members in two browsers pay each other; every wait is for what a member would see. */
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import type { Browser, Page } from "playwright-core";
import { DAY_MS } from "../../src/lib/dates.ts";
import { fillPayment, heading, payButton, text } from "../page/steps.ts";

/** Takes the second member's node away and brings it back at the same address. */
export type Away = { stop: () => Promise<void>; start: () => Promise<void> };

/** Real networks take their time; a step that needs longer than `patience` (ms) has failed. */
export async function play(
  browser: Browser,
  addresses: [string, string],
  away: Away,
  patience: number,
): Promise<void> {
  const a = await openPage(browser, addresses[0], patience);
  const b = await openPage(browser, addresses[1], patience);
  try {
    await story(a, b, away);
  } catch (error) {
    for (const [index, page] of [a, b].entries()) {
      const path = joinPath(process.env.WEIR_SHOTS ?? tmpdir(), `two-members-${index + 1}.png`);
      await page.screenshot({ path, fullPage: true }).catch(() => undefined);
      console.error(`what member ${index + 1} saw: ${path}`);
    }
    throw error;
  }
}

async function story(a: Page, b: Page, away: Away): Promise<void> {
  const anna = await step("the first member joins", () => join(a, "Anna"));
  const ben = await step("the second member joins", () => join(b, "Ben"));

  const amount = await step("Anna reviews a payment to Ben", () => review(a, ben, "12,5", "Honey"));
  await step("Anna pays", () => confirm(a, ben));
  await step("Ben sees it arrive and takes it", () => takes(b, "Honey", amount));
  await step("Anna sees live that it is taken", () => seesTaken(a, ben));
  await step("Ben has it once", () => hasOnce(b, "Honey"));

  const less = await step("Ben reviews a payment to Anna", () => review(b, anna, "3", "Bread"));
  await step("Ben double-clicks", () => payButton(b).dblclick());
  await step("Ben has a receipt", () => receipt(b, anna));
  await step("Anna takes it", () => takes(a, "Bread", less));
  await step("Ben sees it taken", () => seesTaken(b, anna));
  await step("Ben paid once", () => hasOnce(b, "Bread"));
  await step("Anna was paid once", () => hasOnce(a, "Bread"));

  await step("Anna is told the most that is possible", () => isToldTheMost(a, ben));

  await step("Anna reviews another payment", () => review(a, ben, "1", "Tools"));
  await step("Anna pays and reloads in the middle", async () => {
    await payButton(a).click();
    await a.reload();
  });
  await step("Anna has a receipt all the same", () => receipt(a, ben));
  await step("Anna paid once", () => hasOnce(a, "Tools"));
  await step("Ben sees it arrive", () => seesArrived(b, "Tools"));

  await step("Ben asks Anna for payment", () => asks(b, anna, "4", "Chairs"));
  const owed = await step("Anna finds what Ben asks for", () => reviewsAsked(a, ben, "Chairs"));
  await step("Anna pays it", () => confirm(a, ben));
  await step("Ben takes it", () => takes(b, "Chairs", owed));
  await step("Ben sees that what he asked for is paid", () => seesPaid(b, "Chairs"));

  await away.stop();
  await step("Ben sees that the connection is gone", () => text(b, "Not connected").waitFor());
  const later = await step("Anna reviews a payment to Ben", () => review(a, ben, "2", "Later"));
  await step("Anna pays Ben, who is away", () => confirm(a, ben));
  await step("Anna sees that it waits for Ben", () => text(a, `Waiting for ${ben}`).waitFor());
  await away.start();
  await step("Ben is back, sees it arrive and takes it", () => takes(b, "Later", later));
  await step("Anna sees live that it is taken", () => seesTaken(a, ben));
  await step("Anna saves her account as a file", () => savesAccount(a, anna));
}

async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
  const began = Date.now();
  const result = await act().catch((error: unknown) => {
    throw new Error(`${what}: failed`, { cause: error });
  });
  console.log(`${what}: ${((Date.now() - began) / 1_000).toFixed(1)} s`);
  return result;
}

async function openPage(browser: Browser, address: string, patience: number): Promise<Page> {
  const viewport = { width: 1100, height: 900 };
  const context = await browser.newContext({ locale: "en-GB", viewport });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

/** Chooses a name, and gives it as others see it. */
async function join(page: Page, name: string): Promise<string> {
  await heading(page, /^Welcome/).waitFor();
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: /^Join / }).click();
  const known = text(page, /^You are /);
  await known.waitFor();
  return ((await known.textContent()) ?? "").replace("You are ", "").trim();
}

function visit(page: Page, name: string | RegExp): Promise<void> {
  return page.getByRole("link", { name, exact: true }).first().click();
}

async function fill(page: Page, to: string, amount: string, memo: string): Promise<void> {
  await visit(page, "Pay");
  await heading(page, "Pay someone").waitFor();
  await fillPayment(page, { to, amount, memo });
  await page.getByRole("button", { name: "Check the payment" }).click();
}

/** Stops at the review; gives the amount as the page writes it. */
async function review(page: Page, to: string, amount: string, memo: string): Promise<string> {
  await fill(page, to, amount, memo);
  return reviewed(page, to);
}

async function reviewed(page: Page, to: string): Promise<string> {
  await heading(page, "Check before you pay").waitFor();
  const words = ((await payButton(page).textContent()) ?? "").trim();
  return words.slice(`Pay ${to} `.length);
}

/** An invoice, due in ten days. */
async function asks(page: Page, of: string, amount: string, memo: string): Promise<void> {
  await visit(page, "Ask");
  await fillPayment(page, { to: of, amount, memo });
  const due = new Date(Date.now() + 10 * DAY_MS).toISOString().slice(0, 10);
  await page.getByLabel(/^Due on/).fill(due);
  await page.getByRole("button", { name: "Check the request" }).click();
  await page.getByRole("button", { name: `Ask ${of} for` }).click();
  await heading(page, `Request to ${of}`).waitFor();
}

/** From home to the review; gives the amount as the page writes it. */
async function reviewsAsked(page: Page, asker: string, memo: string): Promise<string> {
  await visit(page, "Home");
  await visit(page, /requests? for payment/);
  const card = page.getByRole("listitem").filter({ hasText: memo });
  await card.getByRole("button", { name: /^Pay / }).click();
  return reviewed(page, asker);
}

async function seesPaid(page: Page, memo: string): Promise<void> {
  await visit(page, "Ask");
  const row = page.getByRole("listitem").filter({ hasText: memo });
  await row.getByText("Paid", { exact: true }).waitFor();
}

async function confirm(page: Page, payee: string): Promise<void> {
  await payButton(page).click();
  await receipt(page, payee);
}

/** The receipt, as soon as the payment is saved on this device. */
async function receipt(page: Page, payee: string): Promise<void> {
  await heading(page, `Payment to ${payee}`).waitFor();
  await text(page, "Saved on this device").waitFor();
}

async function seesArrived(page: Page, memo: string) {
  await visit(page, /^Waiting/);
  await heading(page, "Payments waiting for you").waitFor();
  const card = page.getByRole("listitem").filter({ hasText: memo });
  await card.getByText("Arrived", { exact: true }).waitFor();
  return card;
}

async function takes(page: Page, memo: string, amount: string): Promise<void> {
  const card = await seesArrived(page, memo);
  await card.getByRole("button", { name: `Take ${amount}` }).click();
  await text(page, `Taken: ${amount}`).waitFor();
}

function seesTaken(page: Page, payee: string): Promise<void> {
  return text(page, `Done: ${payee} has taken it`).waitFor();
}

async function isToldTheMost(page: Page, payee: string): Promise<void> {
  await fill(page, payee, "999999999", "Too much");
  await text(page, /The most you can send now is \d/).waitFor();
}

/** The program makes the file; the journal says at its top whose it is. */
async function savesAccount(page: Page, name: string): Promise<void> {
  await visit(page, "Activity");
  await page.getByLabel("Kind of file").selectOption("Journal for hledger");
  const files = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the file" }).click();
  const journal = readFileSync(await (await files).path(), "utf8");
  if (!journal.includes(`of ${name}`)) throw new Error(`This is no journal: ${journal}`);
}

/** The account holds exactly one entry about this; a second one would be a second payment. */
async function hasOnce(page: Page, memo: string): Promise<void> {
  await visit(page, "Activity");
  const rows = page.getByRole("row").filter({ hasText: memo });
  await rows.first().waitFor();
  const count = await rows.count();
  if (count !== 1) throw new Error(`"${memo}" stands ${count} times in the activity`);
}
