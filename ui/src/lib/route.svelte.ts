/** Hash routing: the page works from any folder and needs nothing of its server. */
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
  | { page: "activity" }
  | { page: "months" }
  | { page: "payment"; payment: string }
  | { page: "connection" }
  | { page: "missing" };

const PLAIN = [
  "pay",
  "waiting",
  "ask",
  "requests",
  "code",
  "till",
  "activity",
  "months",
  "connection",
] as const;

export function routeOf(hash: string): Route {
  const [first = "", second = "", ...more] = hash.replace(/^#?\/?/, "").split("/");
  if (more.length > 0) return { page: "missing" };
  if (first === "pay" && second === "review") return { page: "review" };
  if (first === "pay" && second === "code") return { page: "pay_code" };
  if (first === "ask" && second === "review") return { page: "ask_review" };
  if (first === "ask" && second !== "") return { page: "asked", ask: decodeURIComponent(second) };
  if (first === "payment" && second !== "") {
    return { page: "payment", payment: decodeURIComponent(second) };
  }
  if (second !== "") return { page: "missing" };
  if (first === "") return { page: "home" };
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
  months: "#/months",
  connection: "#/connection",
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
