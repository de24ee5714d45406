/** The words of the page: none that members should not have to know, and none outside the files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "svelte/compiler";
import { describe, expect, test } from "vitest";
import { say } from "../../src/lib/words.ts";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

/** Words that the page explains in other words; a member never has to learn them. */
const FORBIDDEN = [
  "agent", "dht", "zome", "dna", "hash(?:es|ed)?", "source chain", "commit(?:s|ted)?", "node",
  "peer", "op", "validat(?:e|es|ed|ion)", "warrant", "fork", "countersign(?:ed)?", "liquidity",
  "collateral", "counterparty|counterparties", "bps", "ledger", "default", "quorum", "stake",
  "instant(?:ly)?",
];
const FORBIDDEN_PATTERN = new RegExp(`\\b(?:${FORBIDDEN.join("|")})s?\\b`, "i");
const SENTENCE_WORDS_MAX = 20;

type Message = string | Record<string, string>;

const files = readdirSync(join(SRC, "messages"));
const messages = files.flatMap((file) => {
  const text = readFileSync(join(SRC, "messages", file), "utf8");
  return Object.entries(JSON.parse(text) as Record<string, Message>).flatMap(([word, message]) =>
    (typeof message === "string" ? [message] : Object.values(message)).map(
      (text): [string, string] => [`${file}: ${word}`, text],
    ),
  );
});

describe("the message files", () => {
  test("use no forbidden word", () => {
    const hits = messages.filter(([, text]) =>
      FORBIDDEN_PATTERN.test(text.replace(/\{\w+\}/g, "")),
    );
    expect(hits).toEqual([]);
  });

  test("keep sentences short", () => {
    const long = messages.filter(([, text]) =>
      text.split(/[.!?:;]\s/).some((part) => part.split(/\s+/).length > SENTENCE_WORDS_MAX),
    );
    expect(long).toEqual([]);
  });

  test("write minus as U+2212", () => {
    expect(messages.filter(([, text]) => /-\d/.test(text))).toEqual([]);
  });

  test("hold only words that the page uses", () => {
    const code = sources().map(({ text }) => text).join("\n");
    // A word may be put together, as in `reason.${code}`: then its beginning stands in the code.
    const starts = [...code.matchAll(/`(\w+\.\w*)\$\{/g)].map(([, start]) => start ?? "");
    const used = (word: string) =>
      code.includes(`"${word}"`) || starts.some((start) => word.startsWith(start));
    const words = messages.map(([name]) => name.split(": ")[1] ?? "");
    expect(words.filter((word) => !used(word) && !derived(word))).toEqual([]);
  });

  test("choose between one and many", () => {
    expect(say("chip.up_to_date", { n: 1 })).toBe("Up to date · 1 neighbour reachable");
    expect(say("chip.up_to_date", { n: 0 })).toBe("Up to date · 0 neighbours reachable");
  });
});

describe("the components", () => {
  const components = sources().filter(({ file }) => file.endsWith(".svelte"));

  test.each(components)("$file holds no visible words", ({ text }) => {
    expect(visibleWords(text)).toEqual([]);
  });
});

/** Details are looked up by adding `_detail` to the word of a step. */
function derived(word: string): boolean {
  return word.startsWith("step.") && word.endsWith("_detail");
}

function sources(): { file: string; text: string }[] {
  return readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(svelte|ts)$/.test(file))
    .map((file) => ({ file, text: readFileSync(join(SRC, file), "utf8") }));
}

const SPOKEN = ["aria-label", "aria-description", "alt", "placeholder", "title"];

type Tree = { type?: string; name?: string; data?: string; value?: unknown };

/** Text and spoken attributes that a component spells out itself. */
function visibleWords(source: string): string[] {
  const found: string[] = [];
  const visit = (part: unknown, spoken: boolean): void => {
    if (Array.isArray(part)) return part.forEach((inner) => visit(inner, spoken));
    if (typeof part !== "object" || part === null) return;
    const { type, name = "", data = "" } = part as Tree;
    if (type === "Text" && spoken && /\p{L}/u.test(data)) found.push(data.trim());
    const inside = type === "Attribute" ? SPOKEN.includes(name) : spoken;
    for (const [key, inner] of Object.entries(part)) {
      if (key !== "metadata") visit(inner, inside);
    }
  };
  visit(parse(source, { modern: true }).fragment, true);
  return found;
}
