/// <reference types="svelte" />
/// <reference types="vite/client" />

/** The part of qrcode that makes the fields of a picture, without what draws them. */
declare module "qrcode/lib/core/qrcode.js" {
  type Options = { errorCorrectionLevel: "L" | "M" | "Q" | "H" };
  export function create(
    text: string,
    options: Options,
  ): { modules: { size: number; data: Uint8Array } };
}
