/** The community's rules as far as the page needs them, and money in its unit. */
import type { CharterInfo } from "../wire/types.ts";
import { client } from "./client.svelte.ts";
import { formatAmount } from "./money.ts";
import { Resource } from "./resource.svelte.ts";
import { recall, remember } from "./store.ts";
import { say } from "./words.ts";

class Community {
  readonly charter = new Resource<CharterInfo>(async () => {
    const charter = await client.ledger<CharterInfo>("charter");
    remember("charter", charter);
    return charter;
  }, recall<CharterInfo>("charter"));

  readonly unit = $derived(this.charter.data?.unit ?? null);

  /** "24.50"; for tables and fields whose unit is said elsewhere. */
  number(minor: string | bigint): string {
    return formatAmount(minor, this.unit?.decimals ?? 0);
  }

  /** "24.50 Oaks". */
  money(minor: string | bigint): string {
    return `${this.number(minor)} ${this.unit?.name ?? ""}`.trim();
  }

  category(index: number): string {
    return this.charter.data?.categories[index] ?? say("category.unknown");
  }
}

export const community = new Community();
