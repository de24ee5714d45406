import { describe, expect, test } from "vitest";
import { isWhole, monthOf } from "../../src/lib/statement.ts";
import type { ActivityItem, ActivityKind, Payment } from "../../src/wire/types.ts";

const payment = (amount: string, fee = "0"): Payment => ({
  payment: "uhCkkpayment",
  payer: "uhCAkanna",
  payee: "uhCAkben",
  amount,
  fee,
  category: 0,
  memo: null,
  at_ms: 0,
  expires_ms: 0,
  status: "taken",
  reason: null,
  ask: null,
  seen_by: null,
});

/** Newest first, as the account is read; told oldest first with the balance after each. */
function account(...told: [ActivityKind, number][]): ActivityItem[] {
  return told
    .map(([kind, balance], seq) => ({
      ...kind,
      entry: `entry ${seq}`,
      seq,
      at_ms: seq * 1_000,
      balance: String(balance),
    }))
    .reverse();
}

const OPENED: [ActivityKind, number] = [{ kind: "opened" }, 0];
const MONTH: [ActivityKind, number][] = [
  [{ kind: "paid", payment: payment("1000", "10") }, -1_010],
  [{ kind: "checkpoint" }, -1_010],
  [{ kind: "received", payments: [payment("300"), payment("5000")] }, 4_290],
  [{ kind: "sent_back", payment: payment("77") }, 4_290],
  [{ kind: "came_back", payment: payment("400") }, 4_690],
  [{ kind: "month_closed", levy: "90" }, 4_600],
];

describe("a month", () => {
  test("sums up what was sold, bought, paid in fees and given", () => {
    const month = monthOf(account(OPENED, ...MONTH));
    expect(month).toMatchObject({ opening: 0n, closing: 4_600n, closed: true });
    expect(month).toMatchObject({ sold: 5_300n, bought: 600n, fees: 10n, levy: 90n });
    const kinds = ["opened", "paid", "received", "sent_back", "came_back", "month_closed"];
    expect(month?.rows.map(({ kind }) => kind)).toEqual(kinds);
  });

  test("begins after the one before it", () => {
    const next: [ActivityKind, number] = [{ kind: "received", payments: [payment("50")] }, 4_650];
    const month = monthOf(account(OPENED, ...MONTH, next));
    expect(month).toMatchObject({ opening: 4_600n, closing: 4_650n, sold: 50n, closed: false });
    expect(month).toMatchObject({ bought: 0n, fees: 0n, levy: 0n, from_ms: 6_000 });
    expect(month?.rows.length).toBe(1);
  });

  test("is whole when its beginning is there", () => {
    expect(isWhole(account(...MONTH))).toBe(false);
    expect(monthOf(account(...MONTH))).toBeNull();
    expect(isWhole(account(OPENED))).toBe(true);
    expect(isWhole(account(...MONTH, ...MONTH))).toBe(true);
  });

  test("is none when a balance is not what the entries make it, or an entry is missing", () => {
    const whole = account(OPENED, ...MONTH);
    for (const at of whole.keys()) {
      if (whole[at]?.kind === "opened") continue;
      const wrong = whole.map((item, n) => (n === at ? { ...item, balance: "1" } : item));
      expect(monthOf(wrong)).toBeNull();
    }
    expect(monthOf(whole.filter(({ kind }) => kind !== "received"))).toBeNull();
  });
});
