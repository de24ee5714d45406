/**
 * The one module that knows the client library. It is loaded after the first paint, because the
 * library is larger than all the rest of the page.
 */
import { type AppClient, AppWebsocket, type CallZomeRequest, SignalType } from "@holochain/client";
import { encode } from "@msgpack/msgpack";
import type { Problem } from "../wire/types.ts";
import { beside, isLaunched, signWith } from "./host.ts";
import { Refused } from "./problem.ts";

const ANSWER_MS = 60_000;
const SETUP_MS = 10_000;

export type Call = { role: string; zome: string; fn: string; payload: unknown };
export type Heard = (zome: string, payload: unknown) => void;
export type Transport = {
  call: (call: Call) => Promise<unknown>;
  /** Resolves when the connection is gone; a new one then needs a new token. */
  closed: Promise<void>;
};

export async function open(heard: Heard): Promise<Transport> {
  const client = isLaunched() ? await AppWebsocket.connect() : await connectToOwnHost();
  client.on("signal", (signal) => {
    if (signal.type === SignalType.App) heard(signal.value.zome_name, signal.value.payload);
  });
  return {
    call: ({ role, zome, fn, payload }) =>
      (client as AppClient).callZome(
        { role_name: role, zome_name: zome, fn_name: fn, payload },
        ANSWER_MS,
      ),
    closed: socketClosed(client),
  };
}

async function connectToOwnHost(): Promise<AppWebsocket> {
  signWith({ signZomeCall });
  const url = beside("app");
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const answer = await post("token", null);
  const { token } = (await answer.json()) as { token: number[] };
  return AppWebsocket.connect({ url, token, defaultTimeout: ANSWER_MS });
}

/** Weir's program holds the member's key and signs what its own page asks for. */
async function signZomeCall(request: CallZomeRequest) {
  const bytes = encode({
    cap_secret: null,
    cell_id: request.cell_id,
    zome_name: request.zome_name,
    fn_name: request.fn_name,
    provenance: request.provenance,
    payload: encode(request.payload),
    nonce: crypto.getRandomValues(new Uint8Array(32)),
    expires_at: (Date.now() + 5 * 60_000) * 1_000,
  });
  const answer = await post("sign", bytes);
  return { bytes, signature: new Uint8Array(await answer.arrayBuffer()) };
}

async function post(name: string, body: Uint8Array | null): Promise<Response> {
  const answer = await fetch(beside(name), {
    method: "POST",
    body: body ? new Blob([body.slice()]) : null,
    headers: body ? { "content-type": "application/octet-stream" } : {},
    signal: AbortSignal.timeout(SETUP_MS),
  });
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => null)) as Problem | null;
  if (told) throw new Refused(told);
  throw new Error(`ConnectionError: /${name} answered ${answer.status}`);
}

function socketClosed(client: AppWebsocket): Promise<void> {
  const { socket } = client.client as { socket?: WebSocket };
  if (!socket) return new Promise(() => {});
  if (socket.readyState >= WebSocket.CLOSING) return Promise.resolve();
  return new Promise((resolve) => socket.addEventListener("close", () => resolve()));
}
