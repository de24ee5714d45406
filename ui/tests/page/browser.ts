/** The system's browser, and pages in it that keep the errors which the page itself reports. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { serve, type Served } from "../fake/server.ts";
import type { FakeMember } from "../fake/village.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch(flags: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.WEIR_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [...FLAGS, ...flags],
  });
}

export type Opened = Served & { page: Page; member: FakeMember; errors: string[] };

export async function openPage(
  browser: Browser,
  member: FakeMember,
  options: BrowserContextOptions & { path?: string; prepare?: (page: Page) => Promise<void> } = {},
): Promise<Opened> {
  const { path = "#/", prepare, ...context } = options;
  const served = await serve(member);
  const tab = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    ...context,
  });
  const page = await tab.newPage();
  page.setDefaultTimeout(15_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) errors.push(message.text());
  });
  await prepare?.(page);
  await page.goto(served.url + path);
  return {
    ...served,
    page,
    member,
    errors,
    close: async () => {
      await tab.close();
      await served.close();
    },
  };
}
