/** What the member lets Weir's own program do by itself; other hosts of the page have no such thing. */
import { beside, isLaunched } from "./host.ts";

/** Payments up to `take_up_to` minor units are taken without asking; null means the own line. */
export type Preferences = { take_up_to: string | null };

export async function readPreferences(): Promise<Preferences | null> {
  if (isLaunched()) return null;
  try {
    const answer = await fetch(beside("preferences"));
    return answer.ok ? ((await answer.json()) as Preferences) : null;
  } catch {
    return null;
  }
}

/** True when the program has kept them. */
export async function keepPreferences(preferences: Preferences): Promise<boolean> {
  try {
    const answer = await fetch(beside("preferences"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(preferences),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
