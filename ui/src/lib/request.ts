/** Request ids: UUIDs of version 7, whose first 48 bits are the time at which the wish was made. */
export function newRequest(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(now / 0x1_0000));
  view.setUint16(4, now % 0x1_0000);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  fresh.add(id);
  return id;
}

/** Ids that this very page has made and not sent yet; one that was stored may have been sent. */
const fresh = new Set<string>();

/** True once, for an id that cannot have been sent before: not by another tab or visit either. */
export function isFirstTry(id: string): boolean {
  return fresh.delete(id);
}
