import { describe, expect, test } from "vitest";
import { filterOf, queryOf, type Wanted, wantedErrors, wantedOf } from "../../src/lib/wanted.ts";

const ANYTHING = wantedOf("");
const wanted = (some: Partial<Wanted>): Wanted => ({ ...ANYTHING, ...some });

describe("what is wanted", () => {
  test("is the same after it stood in the address", () => {
    const all = wanted({
      text: "jars & honey",
      from: "2026-01-31",
      to: "2026-02-28",
      direction: "in",
      person: "uhCAkabc-_1",
      category: "0",
      status: "too_late",
      least: "12,50",
      most: "1 000",
    });
    expect(wantedOf(queryOf(all))).toEqual(all);
    expect(queryOf(ANYTHING)).toBe("");
  });

  const nonsense: [string][] = [
    ["from=yesterday"],
    ["to=2026-13-01"],
    ["direction=sideways"],
    ["person=Ben"],
    ["category=-1"],
    ["category=300"],
    ["status=arrived"],
    ["colour=red"],
  ];
  test.each(nonsense)("is not what an address says that nobody can have typed: %s", (query) => {
    expect(wantedOf(query)).toEqual(ANYTHING);
  });

  test("is asked in whole days, minor units and members who bear the name", () => {
    const asked = filterOf(
      wanted({ from: "2026-03-28", to: "2026-03-31", least: "12,5", text: "ben", category: "0" }),
      2,
      ["uhCAkben"],
    );
    expect(asked).toEqual({
      from_ms: new Date(2026, 2, 28).getTime(),
      before_ms: new Date(2026, 3, 1).getTime(),
      direction: null,
      member: null,
      category: 0,
      status: null,
      amount_least: "1250",
      amount_most: null,
      text: "ben",
      named: ["uhCAkben"],
    });
    expect(filterOf(ANYTHING, 2, ["uhCAkben"])).toMatchObject({ text: null, named: [] });
  });

  test("is not asked while a field cannot be read", () => {
    expect(wantedErrors(ANYTHING, 2)).toEqual({});
    expect(wantedErrors(wanted({ from: "2026-02-01", to: "2026-02-01" }), 2)).toEqual({});
    const wrong = { from: "2026-02-02", to: "2026-02-01", least: "much", most: "1,234" };
    expect(Object.keys(wantedErrors(wanted(wrong), 2))).toEqual(["to", "least", "most"]);
  });
});
