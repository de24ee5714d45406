/** What a member does on the pages, found by role and label as a member finds it. */
import type { Page } from "playwright-core";

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
