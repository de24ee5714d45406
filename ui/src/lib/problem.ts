/**
 * Every failed call ends as one `Problem`. The network's own refusals carry it inside the error
 * text; what is not a refusal gets a code of the page, so that members can quote it.
 */
import type { Problem } from "../wire/types.ts";

/** The call got no answer: it may or may not have been carried out. */
export const NO_ANSWER = "NO_ANSWER";
/** Something answered, but not in words that this page knows. */
export const UNEXPECTED = "UNEXPECTED";

/** How browsers and the client library say that nobody answered. */
const SILENCE = /closed|timed out|timeout|ConnectionError|NetworkError|Failed to fetch/i;

/** Refusals that say "not now": the same wish is repeated under the same id. */
const PASSING = new Set(["TRY_AGAIN", "HEAD_MOVED"]);

export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.message}`);
    this.problem = problem;
  }
}

/** True when the wish was certainly not carried out and repeating it unchanged is of no use. */
export function isFinal(problem: Problem): boolean {
  return (
    problem.code !== NO_ANSWER && problem.code !== UNEXPECTED && !PASSING.has(problem.code)
  );
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Refused) return error.problem;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const carried = carriedProblem(text);
  if (carried) return carried;
  return { code: SILENCE.test(text) ? NO_ANSWER : UNEXPECTED, message: text, facts: {} };
}

/**
 * Finds `weir:{...}` in an error text. On its way here the text may have been printed in quotes
 * once or twice (`weir:{\"code\":...}`), so it is unquoted until it reads as JSON.
 */
function carriedProblem(text: string): Problem | null {
  const start = text.indexOf("weir:{");
  if (start < 0) return null;
  let rest = text.slice(start + "weir:".length);
  for (let layer = 0; layer < 4; layer += 1) {
    const problem = problemAtStart(rest);
    if (problem) return problem;
    rest = rest.replace(/\\(["\\])/g, "$1");
  }
  return null;
}

function problemAtStart(text: string): Problem | null {
  for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}", end + 1)) {
    try {
      const value: unknown = JSON.parse(text.slice(0, end + 1));
      return isProblem(value) ? value : null;
    } catch {
      // This brace closed something inside; the next one may close the whole.
    }
  }
  return null;
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { code, message, facts } = value as Record<string, unknown>;
  return typeof code === "string" && typeof message === "string" && typeof facts === "object";
}
