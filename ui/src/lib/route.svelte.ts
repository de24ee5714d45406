/** Hash routing: the page works from any folder and needs nothing of its server. */
export type Route =
  | { page: "home" }
  | { page: "pay" }
  | { page: "review" }
  | { page: "waiting" }
  | { page: "activity" }
  | { page: "months" }
  | { page: "payment"; payment: string }
  | { page: "connection" }
  | { page: "record" }
  | { page: "missing" };

const PLAIN = ["pay", "waiting", "activity", "months", "connection", "record"] as const;

export function routeOf(hash: string): Route {
  const [first = "", second = "", ...more] = hash.replace(/^#?\/?/, "").split("/");
  if (more.length > 0) return { page: "missing" };
  if (first === "pay" && second === "review") return { page: "review" };
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
  waiting: "#/waiting",
  activity: "#/activity",
  months: "#/months",
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
