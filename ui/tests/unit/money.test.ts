import { describe, expect, test } from "vitest";
import { AMOUNT_MAX, feeOn, formatAmount, mostAfter, parseAmount } from "../../src/lib/money.ts";

describe("an amount is shown", () => {
  const rows: [string, number, string][] = [
    ["0", 2, "0.00"],
    ["5", 2, "0.05"],
    ["2450", 2, "24.50"],
    ["-2450", 2, "\u221224.50"],
    ["-5", 2, "\u22120.05"],
    ["123456789", 2, "1,234,567.89"],
    ["1234", 0, "1,234"],
    ["1", 6, "0.000001"],
    ["9007199254740991", 2, "90,071,992,547,409.91"],
    ["-9223372036854775808", 0, "\u22129,223,372,036,854,775,808"],
  ];
  test.each(rows)("%s with %i decimals as %s", (minor, decimals, shown) => {
    expect(formatAmount(minor, decimals)).toBe(shown);
  });
});

describe("an amount is read", () => {
  const rows: [string, number, bigint][] = [
    ["12", 2, 1_200n],
    ["12,5", 2, 1_250n],
    ["12.5", 2, 1_250n],
    ["12,50", 2, 1_250n],
    [".5", 2, 50n],
    ["5.", 2, 500n],
    [" 1 234,50 ", 2, 123_450n],
    ["1.234,50", 2, 123_450n],
    ["1,234.50", 2, 123_450n],
    ["1'234.50", 2, 123_450n],
    ["1,234,567", 0, 1_234_567n],
    ["1.234", 3, 1_234n],
    ["0", 2, 0n],
    ["90071992547409.91", 2, AMOUNT_MAX],
  ];
  test.each(rows)("%s with %i decimals", (typed, decimals, minor) => {
    expect(parseAmount(typed, decimals)).toEqual({ ok: true, minor });
  });
});

describe("an amount is not guessed", () => {
  const rows: [string, number, string][] = [
    ["", 2, "empty"],
    ["  ", 2, "empty"],
    ["twelve", 2, "not_an_amount"],
    ["-5", 2, "not_an_amount"],
    ["1e3", 2, "not_an_amount"],
    [".", 2, "not_an_amount"],
    ["1,000", 2, "too_many_decimals"],
    ["12.345", 2, "too_many_decimals"],
    ["12.5", 0, "too_many_decimals"],
    ["12,34,567", 2, "not_an_amount"],
    ["1.23.456", 2, "not_an_amount"],
    ["90071992547409.92", 2, "too_large"],
  ];
  test.each(rows)("%s with %i decimals is %s", (typed, decimals, why) => {
    expect(parseAmount(typed, decimals)).toEqual({ ok: false, why });
  });
});

describe("what is left", () => {
  test("a fee is rounded up", () => {
    expect(feeOn(1n, 50)).toBe(1n);
    expect(feeOn(200n, 50)).toBe(1n);
    expect(feeOn(201n, 50)).toBe(2n);
    expect(feeOn(1_000n, 0)).toBe(0n);
  });

  test("without a fee it is the difference", () => {
    expect(mostAfter(17_550n, 1_250n, 0)).toBe(16_300n);
    expect(mostAfter(17_550n, 17_550n, 0)).toBe(0n);
    expect(mostAfter(17_550n, 17_551n, 0)).toBe(-1n);
  });

  test("with a fee it is the largest payment whose fee still fits", () => {
    for (let spendable = 0n; spendable < 500n; spendable += 7n) {
      for (let amount = 0n; amount <= spendable; amount += 3n) {
        const room = spendable + feeOn(spendable, 250) - amount - feeOn(amount, 250);
        const most = mostAfter(spendable, amount, 250);
        if (room < 0n) continue;
        expect(most + feeOn(most, 250)).toBeLessThanOrEqual(room);
        expect(most + 1n + feeOn(most + 1n, 250)).toBeGreaterThan(room);
      }
    }
  });
});
