/** What page tests begin with: a browser, a village of two, pages that end without errors. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { twoMembers, type World } from "../fake/worlds.ts";
import { launch, openPage, type Opened } from "./browser.ts";

let browser: Browser;
let opened: Opened[] = [];

/** The village of this test. */
export let world: World;

/** Another village, before a page is opened. */
export function use(other: World): void {
  world = other;
}

/** To be called once in a file of tests. */
export function eachTest(): void {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(() => {
    world = twoMembers();
    opened = [];
  });
  afterEach(async () => {
    for (const one of opened) {
      expect(one.errors).toEqual([]);
      await one.close();
    }
  });
}

type Args = Parameters<typeof openPage>;

/** Opens a member's page; it is closed after the test. */
export async function open(member: Args[1], options?: Args[2]): Promise<Opened> {
  const one = await openPage(browser, member, options);
  opened.push(one);
  return one;
}
