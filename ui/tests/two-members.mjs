/**
 * Two members in two browsers on two real nodes of a fresh community pay each other.
 *
 *   npm run test:two -- ADDRESS_1 ADDRESS_2 [--offline]
 *
 * The addresses may also stand in WEIR_PAGES, with a comma between. With `--offline` the script
 * prints `>> stop 2` and `>> start 2` and each time waits for a line on its input, so that whoever
 * runs the nodes can take the payee's away and bring it back. It ends with 1 and the paths of
 * screenshots when a step fails. Every step is a function of a page, for use in other scripts.
 */
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** Real networks take their time; a step that needs longer than this has failed. */
const STEP_MS = Number(process.env.WEIR_STEP_SECONDS ?? 120) * 1_000;

const title = (page, name) => page.getByRole("heading", { level: 1, name });
const first = (page, words) => page.getByText(words).first();
const payButton = (page) => page.getByRole("button", { name: /^Pay / });
const visit = (page, name) => page.getByRole("link", { name, exact: true }).first().click();

/** Chooses a name where none is chosen yet, and gives the name that others see. */
export async function join(page, name) {
  const known = first(page, /^You are /);
  await known.or(title(page, /^Welcome/)).waitFor();
  if (!(await known.isVisible())) {
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: /^Join / }).click();
    await known.waitFor();
  }
  const said = await known.textContent();
  return said.replace("You are ", "").trim();
}

/** Fills the form and stops at the review; gives the amount as the page writes it. */
export async function review(page, payee, amount, memo) {
  await fill(page, payee, amount, memo);
  await page.getByRole("button", { name: "Check the payment" }).click();
  await title(page, "Check before you pay").waitFor();
  const words = (await payButton(page).textContent()).trim();
  return words.slice(`Pay ${payee} `.length);
}

export async function fill(page, payee, amount, memo) {
  await visit(page, "Pay");
  await title(page, "Pay someone").waitFor();
  await page.getByRole("radio", { name: payee }).check();
  await page.getByLabel(/^Amount in/).fill(amount);
  await page.getByLabel("Kind of trade").selectOption({ index: 1 });
  await page.getByLabel("What is it for?").fill(memo);
}

export async function confirm(page, payee) {
  await payButton(page).click();
  await receipt(page, payee);
}

/** The receipt, as soon as the payment is saved on this device. */
export async function receipt(page, payee) {
  await title(page, `Payment to ${payee}`).waitFor();
  await first(page, "Saved on this device").waitFor();
}

export async function seesArrived(page, memo) {
  await visit(page, /^Waiting/);
  await title(page, "Payments waiting for you").waitFor();
  const card = page.getByRole("listitem").filter({ hasText: memo });
  await card.getByText("Arrived", { exact: true }).waitFor();
  return card;
}

export async function takes(page, memo, amount) {
  const card = await seesArrived(page, memo);
  await card.getByRole("button", { name: `Take ${amount}` }).click();
  await first(page, `Taken: ${amount}`).waitFor();
}

export async function seesTaken(page, payee) {
  await first(page, `Done: ${payee} has taken it`).waitFor();
}

export async function isToldTheMost(page, payee) {
  await fill(page, payee, "999999999", "Too much");
  await page.getByRole("button", { name: "Check the payment" }).click();
  await first(page, /The most you can send now is \d/).waitFor();
}

/** The account holds exactly one entry about this; a second one would be a second payment. */
export async function hasOnce(page, memo) {
  await visit(page, "Activity");
  const rows = page.getByRole("row").filter({ hasText: memo });
  await rows.first().waitFor();
  const count = await rows.count();
  if (count !== 1) throw new Error(`"${memo}" stands ${count} times in the activity`);
}

export async function openPage(browser, address) {
  const viewport = { width: 1100, height: 900 };
  const context = await browser.newContext({ locale: "en-GB", viewport });
  context.setDefaultTimeout(STEP_MS);
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

async function play(addresses, offline) {
  const browser = await chromium.launch({
    executablePath: process.env.WEIR_CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
  });
  const pages = [];
  let steps = 0;
  const step = async (what, act) => {
    const began = Date.now();
    process.stdout.write(`${what} ... `);
    const result = await act();
    steps += 1;
    console.log(`ok (${((Date.now() - began) / 1_000).toFixed(1)} s)`);
    return result;
  };

  try {
    const mark = Date.now().toString(36).slice(-4);
    for (const address of addresses) pages.push(await openPage(browser, address));
    const [a, b] = pages;
    const anna = await step("the first member joins", () => join(a, `Anna ${mark}`));
    const ben = await step("the second member joins", () => join(b, `Ben ${mark}`));

    const honey = `Honey ${mark}`;
    const amount = await step("Anna reviews a payment to Ben", () => review(a, ben, "12,5", honey));
    await step("Anna pays", () => confirm(a, ben));
    await step("Ben sees it arrive and takes it", () => takes(b, honey, amount));
    await step("Anna sees live that it is taken", () => seesTaken(a, ben));
    await step("Ben has it once", () => hasOnce(b, honey));

    const bread = `Bread ${mark}`;
    const less = await step("Ben reviews a payment to Anna", () => review(b, anna, "3", bread));
    await step("Ben double-clicks", () => payButton(b).dblclick());
    await step("Ben has a receipt", () => receipt(b, anna));
    await step("Anna takes it", () => takes(a, bread, less));
    await step("Ben sees it taken", () => seesTaken(b, anna));
    await step("Ben paid once", () => hasOnce(b, bread));
    await step("Anna was paid once", () => hasOnce(a, bread));

    await step("Anna is told the most that is possible", () => isToldTheMost(a, ben));

    const tools = `Tools ${mark}`;
    await step("Anna reviews another payment", () => review(a, ben, "1", tools));
    await step("Anna pays and reloads in the middle", async () => {
      await payButton(a).click();
      await a.reload();
    });
    await step("Anna has a receipt all the same", () => receipt(a, ben));
    await step("Anna paid once", () => hasOnce(a, tools));
    await step("Ben sees it arrive", () => seesArrived(b, tools));

    if (offline) await whileAway(step, a, b, ben, `Later ${mark}`);
    console.log(`two members: ${steps} steps passed`);
  } catch (error) {
    console.log("failed");
    console.error(error);
    for (const [index, page] of pages.entries()) {
      const path = joinPath(process.env.WEIR_SHOTS ?? tmpdir(), `two-members-${index + 1}.png`);
      await page.screenshot({ path, fullPage: true }).catch(() => undefined);
      console.error(`what member ${index + 1} saw: ${path}`);
    }
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

/** The payee's node is away when the payment is made and gets it when it is back. */
async function whileAway(step, a, b, ben, memo) {
  const lines = createInterface({ input: process.stdin });
  const asked = (what) =>
    new Promise((answered) => {
      lines.once("line", answered);
      console.log(`>> ${what}`);
    });
  await asked("stop 2");
  await step("Ben sees that the connection is gone", () => first(b, "Not connected").waitFor());
  const amount = await step("Anna reviews a payment to Ben", () => review(a, ben, "2", memo));
  await step("Anna pays Ben, who is away", () => confirm(a, ben));
  await step("Anna sees that it waits for Ben", () => first(a, `Waiting for ${ben}`).waitFor());
  await asked("start 2");
  await step("Ben is back, sees it arrive and takes it", () => takes(b, memo, amount));
  await step("Anna sees live that it is taken", () => seesTaken(a, ben));
  lines.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  const addresses = words.length > 0 ? words : (process.env.WEIR_PAGES ?? "").split(",");
  if (addresses.length !== 2 || addresses.includes("")) {
    console.error("usage: npm run test:two -- ADDRESS_1 ADDRESS_2 [--offline]");
    process.exitCode = 2;
  } else {
    await play(addresses, process.argv.includes("--offline"));
  }
}
