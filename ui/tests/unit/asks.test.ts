import { describe, expect, test } from "vitest";
import { isLate, needsAnswer, obligations, standing, tabs } from "../../src/lib/ask-facts.ts";
import type { AskDraft } from "../../src/lib/ask-draft.svelte.ts";
import { asAsk, askErrors } from "../../src/lib/ask-form.ts";
import { afterMonth, DAY_MS, dateField, endOfDay } from "../../src/lib/dates.ts";
import { parseAmount, typedAmount } from "../../src/lib/money.ts";
import { outline } from "../../src/lib/qr.ts";
import type { AskView, CharterInfo } from "../../src/wire/types.ts";

const NOW = new Date(2026, 10, 21, 9, 30).getTime();

const CHARTER: CharterInfo = {
  name: "Oakvale",
  unit: { name: "Oaks", symbol: "Ŏ", decimals: 2 },
  trial: true,
  categories: ["Food"],
  amount_min: "10",
  fee_bp: 0,
  expires_days: 30,
  founded_ms: 0,
};

const DRAFT: AskDraft = {
  to: "member",
  payer: "uhCAk1",
  open: false,
  amount: "12,5",
  category: 0,
  memo: "Bread",
  due: "",
  until: "2026-12-21",
  till: false,
  request: "r",
  asked: null,
};

function view(part: Partial<AskView>): AskView {
  return {
    ask: "a",
    asker: "uhCAk0",
    payer: "uhCAk1",
    amount: "500",
    category: 0,
    memo: null,
    at_ms: NOW,
    due_ms: NOW + 10 * DAY_MS,
    until_ms: NOW + 40 * DAY_MS,
    status: "open",
    paid: "0",
    remaining: "500",
    reason: null,
    reminded_ms: null,
    remind_from_ms: NOW,
    ...part,
  };
}

describe("days", () => {
  test("are those of the reader's calendar", () => {
    expect(dateField(0, NOW)).toBe("2026-11-21");
    expect(dateField(10, NOW)).toBe("2026-12-01");
    expect(dateField(41, NOW)).toBe("2027-01-01");
  });

  test("of a tab come so long after the end of the month", () => {
    expect(afterMonth(14, NOW)).toBe("2026-12-14");
    expect(afterMonth(14, new Date(2026, 11, 31).getTime())).toBe("2027-01-14");
    expect(afterMonth(14, new Date(2028, 0, 31).getTime())).toBe("2028-02-14");
  });

  test("last to their end", () => {
    expect(endOfDay("2026-12-31")).toBe(new Date(2026, 11, 31, 23, 59, 59, 999).getTime());
  });
});

describe("an ask", () => {
  test("without an error is the wish that was reviewed", () => {
    expect(askErrors(DRAFT, CHARTER, NOW)).toEqual({});
    expect(asAsk({ ...DRAFT, until: dateField(30) }, CHARTER)).toMatchObject({
      payer: "uhCAk1",
      amount: "1250",
      memo: "Bread",
      due_ms: null,
    });
    const open = { ...DRAFT, to: "anyone", open: true, until: dateField(30) } as const;
    expect(asAsk(open, CHARTER)).toMatchObject({ payer: null, amount: null, memo: null });
    expect(asAsk({ ...DRAFT, request: null, until: dateField(30) }, CHARTER)).toBeNull();
  });

  const rows: [string, Partial<AskDraft>, string][] = [
    ["names a member", { payer: "" }, "who"],
    ["has an amount", { amount: "" }, "amount"],
    ["is not below the smallest payment", { amount: "0,09" }, "amount"],
    ["has a kind of trade", { category: null }, "category"],
    ["says what it is for", { memo: " " }, "memo"],
    ["fits the sealed note", { memo: "a".repeat(201) }, "memo"],
    ["fits the code", { to: "anyone", memo: "a".repeat(61) }, "memo"],
    ["is due on a day to come", { due: "2026-11-20" }, "due"],
    ["has a last day", { until: "" }, "until"],
    ["ends on a day to come", { until: "2026-11-20" }, "until"],
    ["ends within 400 days", { until: "2027-12-26" }, "until"],
    ["ends after it is due", { due: "2026-12-22" }, "until"],
  ];
  test.each(rows)("%s", (_, part, field) => {
    expect(Object.keys(askErrors({ ...DRAFT, ...part }, CHARTER, NOW))).toEqual([field]);
  });

  const fine: [string, Partial<AskDraft>][] = [
    ["today", { due: "2026-11-21", until: "2026-11-21" }],
    ["in 399 days", { until: "2027-12-25" }],
    ["without an amount where the payer chooses", { open: true, amount: "" }],
    ["without a member where the code is shown", { to: "anyone", payer: "" }],
    ["with just what fits", { memo: "a".repeat(200) }],
    ["with just what fits a code", { to: "anyone", memo: "a".repeat(60) }],
  ];
  test.each(fine)("passes %s", (_, part) => {
    expect(askErrors({ ...DRAFT, ...part }, CHARTER, NOW)).toEqual({});
  });

  test("that is acknowledged wants something again three days before it is due", () => {
    const owed = { status: "acknowledged", due_ms: NOW + 3 * DAY_MS } as const;
    expect(needsAnswer(view({}), NOW)).toBe(true);
    expect(needsAnswer(view(owed), NOW)).toBe(false);
    expect(needsAnswer(view(owed), NOW + 1)).toBe(true);
    expect(needsAnswer(view({ status: "paid" }), NOW)).toBe(false);
    expect(isLate(view({ due_ms: NOW }), NOW)).toBe(false);
    expect(isLate(view({ due_ms: NOW }), NOW + 1)).toBe(true);
  });
});

describe("what was paid already", () => {
  test("is told apart from what waits", () => {
    expect(standing(view({}))).toBe("open");
    expect(standing(view({ paid: "100" }))).toBe("part");
    expect(standing(view({ paid: "100", status: "acknowledged" }))).toBe("part");
    expect(standing(view({ paid: "500", status: "paid" }))).toBe("paid");
    expect(standing(view({ paid: "500", status: "withdrawn" }))).toBe("withdrawn");
    expect(standing(view({ paid: "500", due_ms: null }))).toBe("again");
    expect(standing(view({ paid: "500", amount: null, remaining: null }))).toBe("again");
    expect(standing(view({ paid: "500", due_ms: null, status: "over" }))).toBe("over");
  });

  test("wants nothing more unless it is a bill", () => {
    expect(needsAnswer(view({ paid: "100" }), NOW)).toBe(true);
    expect(needsAnswer(view({ paid: "500", due_ms: null }), NOW)).toBe(false);
  });
});

test("tabs sum what is open by member, the one due first on top", () => {
  const found = tabs([
    view({ ask: "1", payer: "ben", remaining: "320" }),
    view({ ask: "2", payer: "carla", due_ms: NOW + DAY_MS }),
    view({ ask: "3", payer: "ben", remaining: "840", status: "acknowledged" }),
    view({ ask: "4", payer: "ben", status: "paid" }),
    view({ ask: "5", payer: "ben", due_ms: null }),
    view({ ask: "6", payer: null }),
    view({ ask: "7", payer: "ben", amount: null, remaining: null }),
  ]);
  expect(found.map(({ member, sum, asks }) => [member, sum, asks.length])).toEqual([
    ["carla", 500n, 1],
    ["ben", 1_160n, 2],
  ]);
});

test("what was acknowledged is owed with what remains, the next due first", () => {
  const found = obligations([
    view({ ask: "1", status: "acknowledged", due_ms: NOW + 2 * DAY_MS, remaining: "20" }),
    view({ ask: "2", status: "acknowledged", due_ms: NOW + DAY_MS, remaining: "30" }),
    view({ ask: "3", status: "acknowledged", amount: null, remaining: null }),
    view({ ask: "4" }),
    view({ ask: "5", status: "paid" }),
  ]);
  expect(found.map(({ ask }) => ask)).toEqual(["2", "1"]);
});

test("an amount as a member would type it is read as the same amount", () => {
  for (const [minor, decimals] of [["123456", 0], ["123456789", 2], ["5", 2], ["1", 6]] as const) {
    expect(parseAmount(typedAmount(minor, decimals), decimals)).toEqual({
      ok: true,
      minor: BigInt(minor),
    });
  }
});

test("a picture is drawn in strokes as long as its dark rows", () => {
  expect(outline(3, [1, 1, 0, 0, 0, 0, 1, 0, 1])).toBe("M0 0h2v1h-2zM0 2h1v1h-1zM2 2h1v1h-1z");
});
