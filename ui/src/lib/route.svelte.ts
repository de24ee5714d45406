/** Hash routing: the page works from any folder and needs nothing of its server. */
import { queryOf, type Wanted, wantedOf } from "./wanted.ts";

export type Route =
  | { page: "home" }
  | { page: "pay" }
  | { page: "review" }
  | { page: "pay_code" }
  | { page: "waiting" }
  | { page: "ask" }
  | { page: "ask_review" }
  | { page: "asked"; ask: string }
  | { page: "requests" }
  | { page: "code" }
  | { page: "till" }
  | { page: "activity"; wanted: Wanted }
  | { page: "months" }
  | { page: "statement"; entry: string }
  | { page: "payment"; payment: string }
  | { page: "connection" }
  | { page: "record" }
  | { page: "missing" };

const PLAIN = [
  "pay",
  "waiting",
  "ask",
  "requests",
  "code",
  "till",
  "months",
  "connection",
  "record",
] as const;

export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?");
  const [first = "", second = "", ...more] = path.split("/");
  if (more.length > 0) return { page: "missing" };
  if (first === "pay" && second === "review") return { page: "review" };
  if (first === "pay" && second === "code") return { page: "pay_code" };
  if (first === "ask" && second === "review") return { page: "ask_review" };
  if (first === "ask" && second !== "") return { page: "asked", ask: decodeURIComponent(second) };
  if (first === "payment" && second !== "") {
    return { page: "payment", payment: decodeURIComponent(second) };
  }
  if (first === "months" && second !== "") {
    return { page: "statement", entry: decodeURIComponent(second) };
  }
  if (second !== "") return { page: "missing" };
  if (first === "") return { page: "home" };
  if (first === "activity") return { page: "activity", wanted: wantedOf(query) };
  const plain = PLAIN.find((page) => page === first);
  return plain ? { page: plain } : { page: "missing" };
}

export const href = {
  home: "#/",
  pay: "#/pay",
  review: "#/pay/review",
  pay_code: "#/pay/code",
  waiting: "#/waiting",
  ask: "#/ask",
  ask_review: "#/ask/review",
  asked: (ask: string) => `#/ask/${encodeURIComponent(ask)}`,
  requests: "#/requests",
  code: "#/code",
  till: "#/till",
  activity: "#/activity",
  /** What is wanted of the activity. */
  found: (wanted: Wanted) => `#/activity?${queryOf(wanted)}`,
  months: "#/months",
  /** The month that ends with this entry. */
  statement: (entry: string) => `#/months/${encodeURIComponent(entry)}`,
  connection: "#/connection",
  record: "#/record",
  payment: (payment: string) => `#/payment/${encodeURIComponent(payment)}`,
};

class Router {
  route = $state.raw<Route>(routeOf(location.hash));

  constructor() {
    addEventListener("hashchange", () => (this.route = routeOf(location.hash)));
  }

  /** `replace` leaves no step behind: "back" must not lead to a review that is already paid. */
  go(hash: string, options: { replace?: boolean } = {}): void {
    if (options.replace) location.replace(hash);
    else location.hash = hash;
    // The event comes later; until then the old page must not be drawn with its state gone.
    this.route = routeOf(hash);
  }
}

export const router = new Router();
