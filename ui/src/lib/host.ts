/**
 * Who serves this page: Weir's own program (one origin for everything) or a launcher, which
 * injects its environment and has neither `/status` nor `/token` nor `/sign`.
 */
import type { CallZomeRequest, CallZomeRequestSigned } from "@holochain/client";

type Host = {
  __HC_LAUNCHER_ENV__?: { INSTALLED_APP_ID?: string };
  __HC_ZOME_CALL_SIGNER__?: Signer;
};
export type Signer = {
  signZomeCall: (request: CallZomeRequest) => Promise<CallZomeRequestSigned>;
};

const host = globalThis as Host;

export function isLaunched(): boolean {
  return "__HC_LAUNCHER_ENV__" in host || "__HC_TAURI_HOLOCHAIN__" in host;
}

export function launcherAppId(): string | undefined {
  return host.__HC_LAUNCHER_ENV__?.INSTALLED_APP_ID;
}

/** The client library looks for its signer here; launchers bring their own. */
export function signWith(signer: Signer): void {
  host.__HC_ZOME_CALL_SIGNER__ = signer;
}

/** An address beside the page, so that the page also works below a path of a proxy. */
export function beside(name: string): URL {
  return new URL(name, document.baseURI);
}
