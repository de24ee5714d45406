/** Asking for payment, answering requests, codes and the till, as members use them. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { DAY_MS } from "../../src/lib/dates.ts";
import { typed } from "../fake/asks.ts";
import { type FakeMember, Refusal, Village } from "../fake/village.ts";
import { violations } from "./axe.ts";
import { launch, openPage, type Opened } from "./browser.ts";
import { eachTest, open as openAt, world } from "./fixtures.ts";
import { cameraWith, pictureOf } from "./pictures.ts";
import { fillPayment, focusedHeading, heading, payButton, tabTo, text } from "./steps.ts";

eachTest();

type Options = Parameters<typeof openAt>[1];

function open(member: FakeMember, path: string, options?: Options): Promise<Opened> {
  return openAt(member, { path, ...options });
}

const asksOf = (member: FakeMember) => world.village.asks.asks(member).own;
const days = (n: number) => Date.now() + n * DAY_MS;
const dateIn = (n: number) => new Date(days(n)).toISOString().slice(0, 10);

async function fillAsk(page: Page): Promise<void> {
  await fillPayment(page, { to: "Ben Okafor", amount: "12,5", memo: "Two jars of honey" });
}

const check = (page: Page) => page.getByRole("button", { name: "Check the request" });

describe("asking for payment", () => {
  test("is possible with the keyboard alone", async () => {
    const { page } = await open(world.anna, "#/");
    await page.getByRole("link", { name: "Ask for payment" }).waitFor();
    await tabTo(page, "link", "Ask for payment");
    await page.keyboard.press("Enter");
    await focusedHeading(page, "Ask for payment");
    await page.getByRole("radio", { name: "Ben Okafor" }).waitFor();
    await tabTo(page, "radio", "Ben Okafor");
    await page.keyboard.press("Space");
    await tabTo(page, "textbox", "Amount in Oaks");
    await page.keyboard.type("12,5");
    await tabTo(page, "combobox", "Kind of trade");
    await page.keyboard.type("Food");
    await tabTo(page, "textbox", "What is it for?");
    await page.keyboard.type("Honey");
    await page.keyboard.press("Enter");
    await focusedHeading(page, "Check before you ask");
    await tabTo(page, "button", "Ask Ben Okafor for 12.50 Oaks");
    await page.keyboard.press("Enter");
    await focusedHeading(page, "Request to Ben Okafor");
    await page.getByRole("img", { name: "Code to pay Anna Weber: 12.50 Oaks" }).waitFor();
    const [ask, ...more] = asksOf(world.anna);
    expect(more).toEqual([]);
    expect(ask).toMatchObject({
      payer: world.ben.member,
      amount: "1250",
      memo: "Honey",
      category: 0,
      due_ms: null,
    });
  });

  test("twice in a double click is asking once, and the payer sees it and pays", async () => {
    const ben = await open(world.ben, "#/");
    await text(ben.page, "Nothing needs you now.").waitFor();
    const { page } = await open(world.anna, "#/ask");
    await fillAsk(page);
    await page.getByLabel("Due on").fill(dateIn(10));
    await page.getByLabel("Last day").fill(dateIn(40));
    await check(page).click();
    await page.getByRole("button", { name: "Ask Ben Okafor for 12.50 Oaks" }).dblclick();
    await heading(page, "Request to Ben Okafor").waitFor();
    expect(asksOf(world.anna).length).toBe(1);

    await ben.page.getByRole("link", { name: "1 request for payment is for you" }).click();
    await text(ben.page, "Two jars of honey").waitFor();
    await text(ben.page, "Member since").waitFor();
    await ben.page.getByRole("button", { name: "Pay 12.50 Oaks" }).click();
    await heading(ben.page, "Check before you pay").waitFor();
    await text(ben.page, "Pays a request of Anna Weber").waitFor();
    await payButton(ben.page).dblclick();
    await heading(ben.page, "Payment to Anna Weber").waitFor();
    await ben.page.getByRole("link", { name: "Asked for by Anna Weber" }).waitFor();
    const [payment, ...more] = [...world.village.payments.values()];
    expect(more).toEqual([]);
    expect(payment).toMatchObject({ amount: "1250", ask: asksOf(world.anna)[0]?.ask });
    await text(page, "Paid so far").waitFor();
    await page.getByRole("status").getByText("Paid", { exact: true }).waitFor();
    expect(await page.getByRole("button", { name: "Let it go" }).count()).toBe(0);
    await ben.page.goto(`${ben.url}#/requests`);
    await text(ben.page, "Nobody asks you for payment now").waitFor();
  });

  test("goes through a lost answer and a reload as one wish", async () => {
    const { page, host } = await open(world.anna, "#/ask");
    await fillAsk(page);
    await check(page).click();
    world.anna.after = (fn) => {
      if (fn === "ask") host.stop();
    };
    await page.getByRole("button", { name: "Ask Ben Okafor" }).click();
    await text(page, "Checking whether it was saved. Do not send again.").waitFor();
    host.start();
    world.anna.after = () => {};
    await page.reload();
    await heading(page, "Request to Ben Okafor").waitFor();
    expect(asksOf(world.anna).length).toBe(1);
  });

  test("that is refused says why and can be changed", async () => {
    const { page } = await open(world.anna, "#/ask");
    await fillAsk(page);
    await check(page).click();
    world.anna.before = (fn) => {
      const at = (ms: number) => String(BigInt(ms) * 1_000n);
      const facts = { day: "until", given: at(days(0)), from: at(days(1)), to: at(days(2)) };
      if (fn === "ask") throw new Refusal("ASK_DAY", facts);
    };
    await page.getByRole("button", { name: "Ask Ben Okafor" }).click();
    await text(page, "The last day must lie between").waitFor();
    await page.getByRole("link", { name: "Change something" }).click();
    expect(await page.getByLabel("Amount in Oaks").inputValue()).toBe("12,5");
  });

  test("with something missing leads to each field", async () => {
    const { page } = await open(world.anna, "#/ask");
    await page.getByLabel("Due on").fill(dateIn(-2));
    await page.getByLabel("Last day").fill(dateIn(420));
    await check(page).click();
    await text(page, "Please look at 6 fields").waitFor();
    await text(page, "This day has passed.").waitFor();
    await page.getByRole("link", { name: "This is too far ahead" }).click();
    const until = page.getByLabel("Last day");
    await expect.poll(() => until.evaluate((it) => it === document.activeElement)).toBe(true);
    await page.getByLabel("Due on").fill(dateIn(30));
    await until.fill(dateIn(20));
    await check(page).click();
    await text(page, "The last day is before the day it is due.").waitFor();
    expect(asksOf(world.anna)).toEqual([]);
  });

  test("by code says what it is for in the open, and whoever reads it can pay", async () => {
    const { page } = await open(world.anna, "#/ask");
    await page.getByRole("radio", { name: "Whoever sees the code" }).check();
    await page.getByLabel("The payer chooses the amount").check();
    await page.getByLabel("Kind of trade").selectOption("Care");
    await page.getByLabel("What is it for?").fill("é".repeat(31));
    await check(page).click();
    await text(page, "The text is too long for a code.").waitFor();
    await page.getByLabel("What is it for?").fill("Concert");
    await text(page, "Whoever sees the code can read this.").waitFor();
    await check(page).click();
    await page.getByRole("button", { name: "Ask by code" }).click();
    await heading(page, "Request by code").waitFor();
    await page.getByText("The whole code as text").click();
    const code = await text(page, /^WEIR:/).textContent();
    expect(asksOf(world.anna)[0]).toMatchObject({ payer: null, memo: null, amount: null });

    const ben = await open(world.ben, "#/pay/code");
    await ben.page.getByLabel("Code, typed or pasted").fill(`Pay me: ${code} thanks`);
    await ben.page.getByRole("button", { name: "Look at the code" }).click();
    await text(ben.page, "This code pays Anna Weber").waitFor();
    await text(ben.page, "Concert").waitFor();
    await ben.page.getByRole("button", { name: "Go on to pay Anna Weber" }).click();
    await text(ben.page, "This pays a request of Anna Weber.").waitFor();
    await ben.page.getByLabel("Amount in Oaks").fill("3");
    await ben.page.getByRole("button", { name: "Check the payment" }).click();
    await payButton(ben.page).click();
    await heading(ben.page, "Payment to Anna Weber").waitFor();
    await text(page, "3.00 Oaks").waitFor();
  });

  test("is reminded of no sooner than three days later, and let go after a question", async () => {
    const wanted = { payer: world.ben.member, amount: "500", memo: "Eggs" };
    const early = world.village.asks.made(world.anna, wanted);
    const late = world.village.asks.made(world.anna, { ...wanted, memo: "Milk" }, 4);
    const { page } = await open(world.anna, "#/ask");
    const item = (memo: string) => page.getByRole("listitem").filter({ hasText: memo });
    const remind = (memo: string) => item(memo).getByRole("button", { name: "Remind politely" });
    await item("Eggs").getByText("You can remind from").waitFor();
    expect(await remind("Eggs").getAttribute("aria-disabled")).toBe("true");
    await remind("Eggs").click({ force: true });
    await remind("Milk").click();
    await text(page, "A reminder to Ben Okafor is saved.").waitFor();
    await item("Milk").getByText("You can remind from").waitFor();
    const view = (ask: string) => world.village.asks.view(ask);
    expect(view(early.ask).reminded_ms).toBeNull();
    expect(view(late.ask).reminded_ms).not.toBeNull();

    await item("Eggs").getByRole("button", { name: "Let it go" }).click();
    await page.getByRole("button", { name: "Keep it" }).click();
    expect(view(early.ask).status).toBe("open");
    await item("Eggs").getByRole("button", { name: "Let it go" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Let it go" }).dblclick();
    await text(page, "You have let it go: Ben Okafor.").waitFor();
    expect(view(early.ask).status).toBe("withdrawn");
  });
});

describe("requests for you", () => {
  const bill = () => ({ due_ms: days(10), until_ms: days(40) });

  test("a bill is acknowledged, another request declined with a reason", async () => {
    const wanted = { payer: world.anna.member, amount: "1500" };
    const owed = world.village.asks.made(world.ben, { ...wanted, memo: "Brake", ...bill() });
    const other = world.village.asks.made(world.ben, { ...wanted, memo: "Shares" });
    const ben = await open(world.ben, `#/ask/${owed.ask}`);
    const { page } = await open(world.anna, "#/requests");
    const item = (memo: string) => page.getByRole("listitem").filter({ hasText: memo });
    await item("Shares").waitFor();
    expect(await item("Shares").getByRole("button", { name: "I owe this" }).count()).toBe(0);
    await item("Brake").getByRole("button", { name: "I owe this" }).dblclick();
    await text(page, "Saved: you said to Ben Okafor that you owe this.").waitFor();
    await item("Brake").getByText("Said to be owed").waitFor();
    await text(ben.page, "Said to be owed").waitFor();

    await item("Shares").getByRole("button", { name: "Decline" }).click();
    await page.getByRole("radio", { name: "This is not mine" }).check();
    await page.getByRole("button", { name: "Decline it", exact: true }).click();
    await text(page, "Declined: the request of Ben Okafor").waitFor();
    await expect.poll(() => item("Shares").count()).toBe(0);
    expect(world.village.asks.view(other.ask)).toMatchObject({ status: "refused", reason: 1 });
    expect(world.village.asks.view(owed.ask).status).toBe("acknowledged");
  });

  test("can be put off until tomorrow, and newcomers are named as such", async () => {
    world.ben.since_ms = days(-5);
    world.village.asks.made(world.ben, { payer: world.anna.member, memo: "Shares" });
    const { page } = await open(world.anna, "#/");
    await page.getByRole("link", { name: "1 request for payment is for you" }).click();
    await text(page, "Ben Okafor joined less than 30 days ago.").waitFor();
    await page.getByRole("button", { name: "Later" }).click();
    await text(page, "Put off until tomorrow.").waitFor();
    await page.getByRole("link", { name: "Home" }).click();
    await text(page, "Nothing needs you now.").waitFor();
    await page.reload();
    await text(page, "Nothing needs you now.").waitFor();
  });

  test("no more than what was asked for can be paid, and another member without it", async () => {
    const wanted = { payer: world.anna.member, amount: "1500", ...bill() };
    world.village.asks.made(world.ben, { ...wanted, memo: "Brake" });
    const { page } = await open(world.anna, "#/requests");
    await page.getByRole("button", { name: "Pay 15.00 Oaks" }).click();
    await page.getByRole("link", { name: "Change something" }).click();
    await page.getByLabel("Amount in Oaks").fill("15.01");
    await page.getByRole("button", { name: "Check the payment" }).click();
    await text(page, "The most you can pay on this request is 15.00 Oaks.").waitFor();
    await page.getByRole("button", { name: "Pay somebody else instead" }).click();
    await page.getByRole("radio", { name: "Ben Okafor" }).waitFor();
    expect(await page.getByLabel("Amount in Oaks").inputValue()).toBe("");
  });
});

describe("codes", () => {
  test("show what they ask for, are copied, and write nothing", async () => {
    const { page } = await open(world.anna, "#/code", {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await page.getByRole("img", { name: "Code to pay Anna Weber" }).waitFor();
    await text(page, typed(world.anna)).waitFor();
    await page.getByLabel("What is it for?").fill("Coffee");
    await page.getByLabel("Amount in Oaks").fill("4,5");
    await page.getByRole("img", { name: "Code to pay Anna Weber: 4.50 Oaks" }).waitFor();
    await page.getByRole("button", { name: "Copy the code" }).click();
    await text(page, "Copied.").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(world.village.asks.read({ text: copied })).toMatchObject({
      payee: world.anna.member,
      amount: "450",
      reference: "Coffee",
    });
    expect(world.anna.entries.length).toBe(1);
    expect(asksOf(world.anna)).toEqual([]);
  });

  test("that are typed name the member, and wrong ones are explained", async () => {
    const { page } = await open(world.anna, "#/pay");
    await page.getByRole("link", { name: "Pay by code" }).click();
    const field = page.getByLabel("Code, typed or pasted");
    const look = page.getByRole("button", { name: "Look at the code" });
    await look.click();
    await text(page, "Type or paste a code.").waitFor();
    await field.fill("ABCD");
    await look.click();
    await text(page, "This is no code, or a sign of it is missing or wrong.").waitFor();
    const elsewhere = new Village({ name: "Elsewhere" });
    const stranger = elsewhere.settled("Zoe");
    await field.fill(elsewhere.asks.code(stranger, NOTHING).text);
    await look.click();
    await text(page, "This code belongs to another community.").waitFor();
    const over = { ...NOTHING, until_ms: days(-1) };
    await field.fill(world.village.asks.code(world.ben, over).text);
    await look.click();
    await text(page, "This code could be used until").waitFor();
    await field.fill(typed(world.ben).replaceAll("-", " ").toLowerCase());
    await look.click();
    await text(page, "This code pays Ben Okafor").waitFor();
    expect(await page.getByText("Code for support").count()).toBe(0);
    await page.getByRole("button", { name: "Go on to pay Ben Okafor" }).click();
    await heading(page, "Pay someone").waitFor();
    expect(await page.getByRole("radio", { name: "Ben Okafor" }).isChecked()).toBe(true);
  });

  test("are read from a picture", async () => {
    const wanted = { ...NOTHING, amount: "450", category: 0, reference: "Coffee" };
    const code = world.village.asks.code(world.ben, wanted).text;
    const { page } = await open(world.anna, "#/pay/code");
    const choose = page.getByLabel("Choose a picture of the code");
    await choose.setInputFiles({ name: "a.png", mimeType: "image/png", buffer: pictureOf("") });
    await text(page, "No code was found in this picture.").waitFor();
    const buffer = pictureOf(code);
    await choose.setInputFiles({ name: "b.png", mimeType: "image/png", buffer });
    await text(page, "This code pays Ben Okafor").waitFor();
    await page.getByRole("button", { name: "Go on to pay Ben Okafor" }).click();
    await heading(page, "Check before you pay").waitFor();
    await payButton(page).click();
    await heading(page, "Payment to Ben Okafor").waitFor();
    const [payment] = [...world.village.payments.values()];
    expect(payment).toMatchObject({ amount: "450", memo: "Coffee", ask: null });
  });

  test("are read by the camera, which is switched off after it", async () => {
    const code = world.village.asks.code(world.ben, { ...NOTHING, amount: "450" }).text;
    await beforeCamera(code, async (page) => {
      await page.getByRole("button", { name: "Use the camera" }).click();
      await text(page, "This code pays Ben Okafor").waitFor();
      await expect.poll(() => page.evaluate(liveTracks)).toBe(0);
    });
  });

  test("are looked for until the page is hidden or left, or the camera switched off", async () => {
    await beforeCamera("", async (page) => {
      await page.getByRole("button", { name: "Use the camera" }).click();
      await text(page, "Hold the code before the camera.").waitFor();
      expect(await page.evaluate(liveTracks)).toBe(1);
      expect(await violations(page)).toEqual([]);
      await page.evaluate(hide, true);
      await expect.poll(() => page.evaluate(liveTracks)).toBe(0);
      await page.evaluate(hide, false);
      await expect.poll(() => page.evaluate(liveTracks)).toBe(1);
      await page.getByRole("button", { name: "Switch the camera off" }).click();
      await expect.poll(() => page.evaluate(liveTracks)).toBe(0);
      await page.getByRole("button", { name: "Use the camera" }).click();
      await text(page, "Hold the code before the camera.").waitFor();
      await page.getByRole("link", { name: "Home" }).click();
      await expect.poll(() => page.evaluate(liveTracks)).toBe(0);
    });
  });

  test("are typed where no camera can be used", async () => {
    const { page } = await open(world.anna, "#/pay/code");
    await page.getByRole("button", { name: "Use the camera" }).click();
    await text(page, "No camera can be used here.").waitFor();
    const field = page.getByLabel("Code, typed or pasted");
    await expect.poll(() => field.evaluate((it) => it === document.activeElement)).toBe(true);
    expect(await page.getByRole("button", { name: "Use the camera" }).count()).toBe(0);
  });
});

describe("the till", () => {
  test("shows a code for the typed amount and what arrives, large and with a sound", async () => {
    const { page } = await open(world.anna, "#/till", { prepare: countSounds });
    for (const key of ["7", "point", "5"]) {
      await page.getByRole("button", { name: key, exact: true }).click();
    }
    await page.getByRole("img", { name: "Code to pay Anna Weber: 7.50 Oaks" }).waitFor();
    await text(page, "When a payment arrives").click();
    await page.getByLabel("Play a sound").check();
    await page.getByLabel("Show a notice").check();
    await expect.poll(() => page.evaluate(told)).toEqual({ sounds: 2, notices: [] });
    await page.evaluate(() => Object.assign(document, { hasFocus: () => false }));
    world.village.arriveByItself = false;
    const payment = world.village.paid(world.ben, world.anna, 750n, "Bread");
    await text(page, "Ben Okafor announced 7.50 Oaks: being checked.").waitFor();
    expect(await page.getByRole("log").getByText("Ben Okafor").count()).toBe(0);
    world.village.arrive(payment);
    await page.getByRole("log").getByText("Ben Okafor").waitFor();
    const notices = ["Ben Okafor paid 7.50 Oaks"];
    await expect.poll(() => page.evaluate(told)).toEqual({ sounds: 4, notices });
    // What is taken is the same arrival.
    const take = { request: "r", payments: [payment.payment] };
    world.village.run(world.anna, "accounts/receive", take);
    await page.getByRole("log").getByText("Taken").waitFor();
    expect(await page.evaluate(told)).toEqual({ sounds: 4, notices });
    await page.getByRole("button", { name: "Next customer" }).click();
    expect(await page.getByLabel("Amount in Oaks").inputValue()).toBe("");

    // The preference holds on every page and after a reload, from the first touch on.
    await page.goto(`${page.url().split("#")[0]}#/waiting`);
    await page.reload();
    await heading(page, "Payments waiting for you").click();
    await text(page, "No payment waits for you").waitFor();
    await page.getByRole("link", { name: "Home" }).click();
    await text(page, "Nothing needs you now.").waitFor();
    world.village.arriveByItself = true;
    world.village.paid(world.ben, world.anna, 100n, "Rolls");
    await expect.poll(() => page.evaluate(told)).toMatchObject({ sounds: 2 });
  });

  test("puts an amount on a member's tab, and sums open tabs by member", async () => {
    const rolls = { payer: world.ben.member, amount: "320", memo: "Rolls" };
    world.village.asks.made(world.anna, { ...rolls, due_ms: days(9), until_ms: days(60) });
    const { page } = await open(world.anna, "#/till");
    await page.getByRole("button", { name: "Put it on a tab" }).click();
    await text(page, "Write an amount.").waitFor();
    await page.getByLabel("Amount in Oaks").fill("5");
    await page.getByRole("button", { name: "Put it on a tab" }).click();
    await heading(page, "Ask for payment").waitFor();
    expect(await page.getByLabel("Amount in Oaks").inputValue()).toBe("5.00");
    expect(await page.getByLabel("Due on").inputValue()).toMatch(/-14$/);
    await page.getByRole("radio", { name: "Ben Okafor" }).check();
    await page.getByLabel("Kind of trade").selectOption("Food");
    await page.getByLabel("What is it for?").fill("Bread");
    await check(page).click();
    await page.getByRole("button", { name: "Ask Ben Okafor for 5.00 Oaks" }).dblclick();
    await page.getByRole("link", { name: "Back to the till" }).click();
    await page.getByRole("row", { name: /Ben Okafor.* 8\.20$/ }).waitFor();
    expect(asksOf(world.anna).length).toBe(2);
  });
});

describe("a computer that was left at the till", () => {
  test("asks and sees with a PIN, and is the member's again with the passphrase", async () => {
    const { page } = await open(world.anna, "#/till");
    await text(page, "Leave this computer at the till").first().click();
    const pin = page.getByLabel("A PIN for the till");
    const begin = page.getByRole("button", { name: "Leave this computer at the till" });
    await pin.fill("12");
    await begin.click();
    await text(page, "A PIN has 4 to 12 digits.").waitFor();
    await pin.fill("2580");
    await begin.click();
    await page.getByRole("button", { name: "Lock the till" }).waitFor();
    expect(await page.getByRole("navigation").count()).toBe(0);
    await page.evaluate(() => (location.hash = "#/pay"));
    await page.getByRole("heading", { name: "Till", level: 1 }).waitFor();

    await page.getByRole("button", { name: "Lock the till" }).click();
    await page.getByRole("heading", { name: "The till is locked" }).waitFor();
    expect(await page.getByText("To pay").count()).toBe(0);
    await page.getByRole("button", { name: "Open the till" }).click();
    await text(page, "Type it first.").waitFor();
    await page.getByLabel("PIN of the till").fill("0000");
    await page.keyboard.press("Enter");
    await text(page, "This is not the PIN of this till").waitFor();
    await page.getByLabel("PIN of the till").fill("2580");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Put it on a tab" }).waitFor();

    await text(page, "Come back to your account").first().click();
    await page.getByLabel("passphrase").fill(world.anna.passphrase);
    await page.keyboard.press("Enter");
    await page.getByRole("navigation").waitFor();
  });
});

const NOTHING = { amount: null, category: null, reference: null, until_ms: null, ask: null };

/** Anna's page in a browser whose camera sees a code, or none. */
async function beforeCamera(code: string, act: (page: Page) => Promise<void>): Promise<void> {
  const camera = cameraWith(code);
  const watching = await launch(camera.flags);
  try {
    const options = { path: "#/pay/code", permissions: ["camera"], prepare: keepTracks };
    const { page, errors, close } = await openPage(watching, world.anna, options);
    await act(page);
    expect(errors).toEqual([]);
    await close();
  } finally {
    await watching.close();
    camera.remove();
  }
}

type Told = { sounds: number; notices: string[] };

/** Stands in for the browser's sound and notices, which a test can neither hear nor see. */
async function countSounds(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const told: Told = { sounds: 0, notices: [] };
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...args) {
      told.sounds += 1;
      return start.apply(this, args);
    };
    class Notice {
      static permission = "default";
      static requestPermission = async () => (Notice.permission = "granted");
      constructor(title: string) {
        told.notices.push(title);
      }
    }
    Object.assign(globalThis, { told, Notification: Notice });
  });
}

function told(): Told {
  return (globalThis as unknown as { told: Told }).told;
}

/** Keeps what the camera gives, to see whether it is still on. */
async function keepTracks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tracks: MediaStreamTrack[] = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
    Object.assign(globalThis, { tracks });
  });
}

/** Another tab comes to the front, or goes. */
function hide(hidden: boolean): void {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

function liveTracks(): number {
  const { tracks } = globalThis as unknown as { tracks: MediaStreamTrack[] };
  return tracks.filter(({ readyState }) => readyState === "live").length;
}
