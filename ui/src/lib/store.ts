/**
 * What this browser remembers: the last figures for the first paint, and wishes that are under
 * way. A browser that refuses storage still works; it only forgets.
 */
import { launcherAppId } from "./host.ts";

const prefix = `weir.${launcherAppId() ?? "page"}.`;

export function recall<T>(name: string, storage: Storage | null = local()): T | null {
  try {
    const text = storage?.getItem(prefix + name);
    return text ? (JSON.parse(text) as T) : null;
  } catch {
    return null;
  }
}

export function remember(name: string, value: unknown, storage: Storage | null = local()): void {
  try {
    if (value === null) storage?.removeItem(prefix + name);
    else storage?.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // Storage is full or forbidden; nothing that matters lives only here.
  }
}

/** Everything that is remembered under names that start with `start`. */
export function recallAll<T>(start: string): T[] {
  const storage = local();
  if (!storage) return [];
  return Object.keys(storage)
    .filter((key) => key.startsWith(prefix + start))
    .flatMap((key) => recall<T>(key.slice(prefix.length)) ?? []);
}

/** Forgets everything under names that start with `start`. */
export function forgetAll(start: string): void {
  for (const key of Object.keys(local() ?? {})) {
    if (key.startsWith(prefix + start)) remember(key.slice(prefix.length), null);
  }
}

/** For one tab only: a draft must not appear in another. */
export function tab(): Storage | null {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}

function local(): Storage | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}
