import { describe, expect, test } from "vitest";
import en from "../../src/messages/en.json";
import { isFinal, problemOf, Refused } from "../../src/lib/problem.ts";
import { refusalText } from "../../src/lib/refusals.ts";

const OAKS = { name: "Oaks", symbol: "Ŏ", decimals: 2 };

/** Every code that the network is known to give, with the facts that come with it. */
const KNOWN: [string, Record<string, string>][] = [
  ["SPEND_OVER_LINE", { most: "17550", asked: "20000", line: "20000", balance: "-2450" }],
  ["AMOUNT_ZERO", {}],
  ["AMOUNT_TOO_SMALL", { min: "10" }],
  ["AMOUNT_RANGE", {}],
  ["SELF_PAYMENT", {}],
  ["OPEN_FULL", { open: "64" }],
  ["PAYEE_UNKNOWN", {}],
  ["NOT_HELD", {}],
  ["UNCLEAR", {}],
  ["ALREADY_ANSWERED", {}],
  ["EXPIRED", {}],
  ["MEMO_TOO_LONG", {}],
  ["CATEGORY_UNKNOWN", {}],
  ["REQUEST_TOO_OLD", {}],
  ["REQUEST_AHEAD", {}],
  ["NO_ACCOUNT", {}],
  ["NOT_DECLINED", {}],
  ["HEAD_MOVED", {}],
  ["CATCHING_UP", {}],
  ["TRY_AGAIN", {}],
  ["MEMO_MALFORMED", {}],
  ["BEHIND_THE_WINDOW", {}],
  ["DATED_AHEAD", {}],
  ["FROM_THE_FUTURE", {}],
  ["NOT_ANSWERED", {}],
  ["STATEMENT_DUE", {}],
  ["PAYER_FORKED", { payer: "uhCAk" }],
  ["RECORD_BEHIND", { here: "7", elsewhere: "9" }],
  ["RECORD_TWO_VERSIONS", { here: "7" }],
  ["ACCUSED", {}],
  ["ACCUSED_FALSELY", {}],
  ["STATEMENT_EARLY", { month: "1" }],
  ["NOT_YOURS", {}],
  ["PROFILE_NAME", { part: "length" }],
  ["NOT_ADMITTED", {}],
  ["TIME_BACKWARDS", {}],
  ["BEFORE_FOUNDING", {}],
  ["CLOSED", {}],
  ["STOPPED", {}],
  ["LOCKED", {}],
  ["AMOUNT_MALFORMED", {}],
  ["MEMBER_MALFORMED", {}],
  ["RECEIPT_MALFORMED", {}],
  ["RECEIPT_OF_ANOTHER_KIND", {}],
  ["REQUEST_MALFORMED", {}],
  ["NOT_OPEN", {}],
  ["OVERFLOW", {}],
  ["GAP_TOO_LONG", {}],
  ["OPEN_TOO_LATE", {}],
  ["TIME_STATED", {}],
  ["TOO_MANY", { max: "16" }],
  ["ASK_DAY", { day: "due", given: "1", from: "1763700000000000", to: "1766300000000000" }],
  ["REMIND_EARLY", { from: "1763700000000000" }],
  ["NO_INVOICE", {}],
  ["NOT_ASKED", {}],
  ["ASK_OF_ANOTHER", {}],
  ["ASK_OVER", { until: "1763700000000000" }],
  ["MORE_THAN_ASKED", { asked: "2000", most: "1250" }],
  ["ASK_UNKNOWN", {}],
  ["ASK_CLOSED", {}],
  ["MEMO_TO_NOBODY", {}],
  ["PAYER_UNKNOWN", {}],
  ["CODE_MALFORMED", {}],
  ["CODE_OTHER_COMMUNITY", {}],
  ["CODE_OVER", { until_ms: "1763700000000" }],
  ["CODE_UNKNOWN", {}],
  ["CODE_AMBIGUOUS", {}],
  ["REFERENCE_TOO_LONG", {}],
  ["PASSPHRASE_WRONG", {}],
  ["WISH_OPEN", {}],
  ["PIN_WRONG", {}],
  ["PIN_WAIT", {}],
  ["PIN_MALFORMED", {}],
  ["AT_THE_TILL", {}],
  ["TILL_OF_A_VILLAGE", {}],
  ["BACKUP_ASKED", {}],
  ["BACKUP_ELSEWHERE", {}],
  ["BACKUP_OF_A_VILLAGE", {}],
  ["EXPORT_UNFIT", { amount: "1.000001" }],
  ["EXPORT_BROKEN", {}],
  ["EXPORT_ASKED", {}],
];

describe("a refusal is a sentence", () => {
  test.each(KNOWN)("%s", (code, facts) => {
    const text = refusalText({ code, message: "", facts }, OAKS);
    expect(text).not.toContain(code);
    expect(text).not.toMatch(/[{}]/);
  });

  test("that says the most that is possible", () => {
    const facts = { most: "17550", asked: "20000", line: "20000", balance: "-2450" };
    const text = refusalText({ code: "SPEND_OVER_LINE", message: "", facts }, OAKS);
    expect(text).toBe(
      "The most you can send now is 175.50 Oaks. You asked for 200.00 Oaks. " +
        "Your balance is \u221224.50 Oaks and may go down to \u2212200.00 Oaks.",
    );
  });

  test("with the code when the page does not know it", () => {
    expect(refusalText({ code: "BRAND_NEW", message: "", facts: {} }, OAKS)).toContain("BRAND_NEW");
  });

  test("with the code when a fact is missing", () => {
    const text = refusalText({ code: "AMOUNT_TOO_SMALL", message: "", facts: {} }, OAKS);
    expect(text).toContain("AMOUNT_TOO_SMALL");
  });

  test("for every refusal in the message file", () => {
    const written = Object.keys(en)
      .filter((word) => word.startsWith("refusal."))
      .map((word) => word.slice("refusal.".length));
    const own = ["unknown", "NO_ANSWER", "UNEXPECTED"];
    expect(written.sort()).toEqual([...KNOWN.map(([code]) => code), ...own].sort());
  });
});

describe("a problem is found in an error text", () => {
  const problem = { code: "OPEN_FULL", message: 'a "quoted" {word}', facts: { open: "64" } };
  const json = JSON.stringify(problem);
  const once = JSON.stringify(`weir:${json}`);

  test.each([
    ["bare", `weir:${json}`],
    ["inside other text", `Ribosome error: weir:${json} at line 3 }`],
    ["printed in quotes", `Wasm(RuntimeError: Guest(${once}))`],
    ["printed in quotes twice", `Error(${JSON.stringify(`Guest(${once})`)})`],
  ])("%s", (_, text) => {
    expect(problemOf(new Error(text))).toEqual(problem);
  });

  test("or else the page names it", () => {
    expect(problemOf(new Error("client closed with pending requests")).code).toBe("NO_ANSWER");
    expect(problemOf(new Error("Request timed out in 60000 ms: call_zome")).code).toBe("NO_ANSWER");
    expect(problemOf(new Error("something else")).code).toBe("UNEXPECTED");
    expect(problemOf(new Refused(problem))).toBe(problem);
  });

  test("and only a true refusal ends a wish", () => {
    const of = (code: string) => ({ code, message: "", facts: {} });
    expect(isFinal(of("SPEND_OVER_LINE"))).toBe(true);
    for (const code of ["NO_ANSWER", "UNEXPECTED", "TRY_AGAIN", "HEAD_MOVED"]) {
      expect(isFinal(of(code))).toBe(false);
    }
  });
});
