/** Members of the community and the names they show. */
import { SvelteMap } from "svelte/reactivity";
import type { Member, MemberProfile, Members, MembersPage } from "../wire/types.ts";
import { client } from "./client.svelte.ts";
import { Resource } from "./resource.svelte.ts";
import { recall, remember } from "./store.ts";
import { say } from "./words.ts";

/** The most that one call of `profiles` answers for. */
const PROFILES_MAX = 100;

export type Everyone = { members: Member[]; complete: boolean };

class People {
  readonly #names = new SvelteMap<string, string>(recall<[string, string][]>("names") ?? []);
  readonly #codes = new SvelteMap<string, string>(recall<[string, string][]>("codes") ?? []);
  readonly everyone = new Resource<Everyone>(() => this.#fetch());

  name(member: string): string {
    return this.#names.get(member) ?? say("person.unnamed", { code: this.code(member) });
  }

  /** Does the name that is shown hold the text? */
  isNamed(member: string, text: string): boolean {
    return this.name(member).toLocaleLowerCase().includes(text.trim().toLocaleLowerCase());
  }

  /** Everybody whose name holds the text. */
  named(text: string): string[] {
    return [...this.#names.keys()].filter((member) => this.isNamed(member, text));
  }

  /** The code by which members know each other, and can be paid; a dash while it is not known. */
  code(member: string): string {
    return this.#codes.get(member) ?? "–";
  }

  async #fetch(): Promise<Everyone> {
    const members: Member[] = [];
    let complete = true;
    let month: number | null = null;
    do {
      const ask: MembersPage = { month };
      const page: Members = await client.ledger<Members>("members", ask);
      members.push(...page.members);
      complete &&= page.complete;
      month = page.earlier;
    } while (month !== null);
    for (const { member, code } of members) this.#codes.set(member, code);
    remember("codes", [...this.#codes]);
    // Names that are known are looked up once per visit; a name that is missing, each time.
    const first = this.everyone.fetched === null;
    const wanted = members.map(({ member }) => member);
    await this.#fetchNames(wanted.filter((member) => first || !this.#names.has(member)));
    return { members, complete };
  }

  async #fetchNames(members: string[]): Promise<void> {
    if (members.length === 0) return;
    for (let start = 0; start < members.length; start += PROFILES_MAX) {
      const ask = { members: members.slice(start, start + PROFILES_MAX) };
      for (const { member, profile } of await client.commons<MemberProfile[]>("profiles", ask)) {
        if (profile) this.#names.set(member, profile.name);
      }
    }
    remember("names", [...this.#names]);
  }
}

export const people = new People();
