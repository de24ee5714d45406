/**
 * Stands in for Weir's program: it gives tokens, signs, tells the status, and speaks the
 * conductor's app interface on one WebSocket, so that the page runs its real client library.
 */
import type { TillWish } from "../../src/lib/till.ts";
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { decode, encode } from "@msgpack/msgpack";
import { type WebSocket, WebSocketServer } from "ws";
import type { LedgerSignal } from "../../src/wire/types.ts";
import { type FakeMember, Refusal } from "./village.ts";

type Request = { id: number; type: string; data: Uint8Array };
type Ask = { type: string; value: { bytes: Uint8Array; signature: Uint8Array } };
export type Export = { format: string; from: string | null; to: string | null };
type ZomeCall = { zome_name: string; fn_name: string; payload: Uint8Array };

const CELLS = { ledger: randomBytes(39), commons: randomBytes(39) };
const AGENT = randomBytes(39);

export class FakeHost {
  readonly member: FakeMember;
  /** False as long as the program is away: nothing is answered and nothing connects. */
  up = true;
  tokensGiven = 0;
  /** What exports were asked for. */
  exports: Export[] = [];
  #tokens = new Set<string>();
  #sockets = new Set<WebSocket>();
  #upgrades = new WebSocketServer({ noServer: true });

  constructor(member: FakeMember) {
    this.member = member;
    this.member.listeners.add((signal) => this.#tell(signal));
  }

  /** Gives a token without being asked for one, as a launcher does. */
  token(): number[] {
    const token = [...randomBytes(16)];
    this.#tokens.add(token.join());
    return token;
  }

  /** The program goes away, as when it is stopped: open connections break. */
  stop(): void {
    this.up = false;
    for (const socket of this.#sockets) socket.terminate();
  }

  start(): void {
    this.up = true;
  }

  attach(server: Server): void {
    server.on("upgrade", (request, socket, head) => this.upgrade(request, socket, head));
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A launcher's page connects to the bare port instead.
    if (request.url !== "/app" && request.url !== "/") return;
    if (!this.up) return void socket.destroy();
    this.#upgrades.handleUpgrade(request, socket, head, (client) => this.#serve(client));
  }

  /** Answers what is not a file; false when the address is none of the program's. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const address = `${request.method} ${request.url}`;
    const known = ["POST /token", "POST /sign", "POST /export", "GET /status"];
    known.push("GET /preferences", "POST /preferences", "POST /backup", "POST /doctor", "POST /till");
    if (!known.includes(address)) return false;
    if (!this.up) {
      response.destroy();
    } else if (address === "POST /token") {
      this.tokensGiven += 1;
      json(response, { installed_app_id: "weir", token: this.token() });
    } else if (address === "POST /sign") {
      response.end(sign(await body(request)));
    } else if (address === "GET /preferences") {
      json(response, this.member.preferences);
    } else if (address === "POST /preferences") {
      this.member.preferences = JSON.parse((await body(request)).toString());
      response.writeHead(204).end();
    } else if (address === "POST /backup") {
      await this.#backup(request, response);
    } else if (address === "POST /till") {
      this.#till(response, JSON.parse((await body(request)).toString()) as TillWish);
    } else if (address === "POST /doctor") {
      json(response, { text: this.member.report });
    } else if (address === "POST /export") {
      await this.#export(request, response);
    } else if (this.member.status) {
      json(response, this.member.status);
    } else {
      response.writeHead(404).end();
    }
    return true;
  }

  #till(response: ServerResponse, wish: TillWish): void {
    const { status } = this.member;
    const refused = (code: string): void => {
      response.writeHead(403, { "content-type": "application/json" });
      response.end(JSON.stringify(new Refusal(code).problem));
    };
    if (!status) return refused("TILL_OTHERWISE");
    if (wish.do === "begin" && !/^\d{4,12}$/.test(wish.pin)) return refused("PIN_MALFORMED");
    if (wish.do === "begin") this.member.pin = wish.pin;
    if (wish.do === "open" && wish.pin !== this.member.pin) return refused("PIN_WRONG");
    if (wish.do === "end" && wish.passphrase !== this.member.passphrase) {
      return refused("PASSPHRASE_WRONG");
    }
    const till = { begin: "open", open: "open", lock: "locked", end: "off" } as const;
    this.member.status = { ...status, till: till[wish.do] };
    response.writeHead(204).end();
  }

  /** The real program writes the account; here one line stands for it. */
  async #export(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = JSON.parse((await body(request)).toString()) as Export;
    this.exports.push(asked);
    try {
      await this.member.before("export");
      const rows = this.member.entries.length;
      response.writeHead(200, { "content-type": "text/csv", "weir-rows": rows });
      response.end(`${asked.format} of ${this.member.name}`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.writeHead(422, { "content-type": "application/json" });
      response.end(JSON.stringify(error.problem));
    }
  }

  /** The real file is sealed. */
  async #backup(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { passphrase } = JSON.parse((await body(request)).toString()) as { passphrase: string };
    if (passphrase === this.member.passphrase) {
      json(response, { backup: `backup of ${this.member.name}` });
    } else {
      response.writeHead(403, { "content-type": "application/json" });
      response.end(JSON.stringify(new Refusal("PASSPHRASE_WRONG").problem));
    }
  }

  #serve(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("message", (data) => {
      const message = decode(data as Buffer) as Request;
      if (message.type === "authenticate") this.#authenticate(socket, message.data);
      else void this.#respond(socket, message);
    });
  }

  /** A token opens one connection, once. */
  #authenticate(socket: WebSocket, data: Uint8Array): void {
    const { token } = decode(data) as { token: number[] };
    if (!this.#tokens.delete(Array.from(token).join())) socket.close();
  }

  async #respond(socket: WebSocket, { id, data }: Request): Promise<void> {
    const ask = decode(data) as Ask;
    const answer = ask.type === "app_info" ? appInfo() : await this.#call(ask);
    if (answer && socket.readyState === socket.OPEN) {
      socket.send(encode({ id, type: "response", data: encode(answer) }));
    }
  }

  async #call({ value }: Ask): Promise<{ type: string; value: unknown }> {
    const expected = sign(Buffer.from(value.bytes));
    if (!expected.equals(Buffer.from(value.signature))) return refused("the signature is wrong");
    const { zome_name, fn_name, payload } = decode(value.bytes) as ZomeCall;
    try {
      const result = await this.member.call(zome_name, fn_name, decode(payload));
      return { type: "zome_called", value: encode(result) };
    } catch (error) {
      if (!(error instanceof Refusal)) return refused(String(error));
      // The conductor prints the guest's error in quotes, so the JSON arrives escaped.
      const text = JSON.stringify(`weir:${JSON.stringify(error.problem)}`);
      return refused(`Wasm runtime error: WasmError { error: Guest(${text}) }`);
    }
  }

  #tell(signal: LedgerSignal): void {
    const value = {
      cell_id: [CELLS.ledger, AGENT],
      zome_name: "accounts",
      signal: encode(signal),
    };
    const message = encode({ type: "signal", data: encode({ type: "app", value }) });
    for (const socket of this.#sockets) socket.send(message);
  }
}

function refused(text: string) {
  return { type: "error", value: { type: "ribosome_error", value: text } };
}

function appInfo() {
  const cell = (dna: Uint8Array) => [{ type: "provisioned", value: { cell_id: [dna, AGENT] } }];
  return {
    type: "app_info",
    value: {
      installed_app_id: "weir",
      agent_pub_key: AGENT,
      status: { type: "enabled" },
      cell_info: { ledger: cell(CELLS.ledger), commons: cell(CELLS.commons) },
    },
  };
}

/** Not a signature, but as long as one and different for different bytes. */
export function sign(bytes: Buffer): Buffer {
  return createHash("sha512").update(bytes).digest();
}

async function body(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}
