/** What a member does on the pages, found by role and label as a member finds it. */
import type { Page } from "playwright-core";
import { expect } from "vitest";

export type Wish = { to: string; amount: string; memo: string };

export async function fillPayment(page: Page, { to, amount, memo }: Wish): Promise<void> {
  await page.getByRole("radio", { name: to }).check();
  await page.getByLabel("Amount in Oaks").fill(amount);
  await page.getByLabel("Kind of trade").selectOption("Food");
  await page.getByLabel("What is it for?").fill(memo);
}

/** Stops at the review, with the button that pays in sight. */
export async function reviewPayment(page: Page, wish: Wish): Promise<void> {
  await page.getByRole("link", { name: "Pay someone" }).click();
  await fillPayment(page, wish);
  await page.getByRole("button", { name: "Check the payment" }).click();
  await payButton(page).waitFor();
}

export function payButton(page: Page) {
  return page.getByRole("button", { name: /^Pay / });
}

export function heading(page: Page, name: string | RegExp) {
  return page.getByRole("heading", { level: 1, name });
}

export function text(page: Page, words: string | RegExp) {
  return page.getByText(words).first();
}

export async function focusedHeading(page: Page, name: string): Promise<void> {
  const title = heading(page, name);
  await title.waitFor();
  await expect.poll(() => title.evaluate((it) => it === document.activeElement)).toBe(true);
}

type Control = "link" | "button" | "radio" | "checkbox" | "textbox" | "combobox" | "searchbox";

/** Presses Tab until the wanted control has focus, as somebody without a mouse does. */
export async function tabTo(page: Page, role: Control, name: string): Promise<void> {
  const wanted = page.getByRole(role, { name }).first();
  for (let presses = 0; presses < 40; presses += 1) {
    if (await wanted.evaluate((it) => it === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never reached ${role} ${name}`);
}
