/**
 * The page's words. Every word that a member reads comes from a message file, so that a second
 * language is one more file. A message may hold `{facts}`; a message with `one` and `other` is
 * chosen by the fact `n`. (A compiler for messages would add a build step and generated code to
 * do the same for a page of this size.)
 */
import en from "../messages/en.json";

/** The language tag that numbers and dates follow, so that they never disagree with the words. */
export const locale = "en-GB";

type Message = string | { one: string; other: string };
export type Word = keyof typeof en;
export type Facts = Record<string, string | number>;

const plural = new Intl.PluralRules(locale);

export function say(word: Word, facts: Facts = {}): string {
  const message: Message = en[word];
  const text =
    typeof message === "string"
      ? message
      : message[plural.select(Number(facts.n)) === "one" ? "one" : "other"];
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => String(facts[name] ?? mark));
}

/** False for codes from a network that is newer than the page. */
export function isWord(text: string): text is Word {
  return Object.hasOwn(en, text);
}
