/**
 * One terminal's connection: redis-cli's session (`Prompt`, in the engine) with a WebSocket for its wire.
 *
 * As in redis-cli, a line that is typed while there is no connection makes one.
 */

import type { ClientView, LineHint, Prompt, WorldEvent } from "../engine/types.ts";
import { request, type Credentials } from "./asker.ts";
import { Socket, type Dial } from "./socket.ts";

export type Output = Extract<WorldEvent, { kind: "reply" | "push" }>;

export interface ClientListener {
  onOutput(output: Output, elapsedUs: number): void;
  onBytes(sent: boolean, bytes: Uint8Array): void;
  /** The connection is gone; "quit" when that was asked for. */
  onClose(reason: string): void;
  /** It stands otherwise than before. */
  onChange(): void;
}

const LINE_END = 10;

export class LiveClient {
  readonly #dial: Dial;
  readonly #prompt: Prompt;
  readonly #address: string;
  readonly #credentials: () => Credentials | null;
  readonly #listener: ClientListener;
  #socket: Socket | null = null;
  /** The server's word on the password is still to come. */
  #awaitsWelcome = false;
  /** Typed before there was a connection. */
  #pending: string | null = null;
  #typedMs = 0;

  constructor(dial: Dial, prompt: Prompt, address: string, credentials: () => Credentials | null, listener: ClientListener) {
    this.#dial = dial;
    this.#prompt = prompt;
    this.#address = address;
    this.#credentials = credentials;
    this.#listener = listener;
  }

  get view(): ClientView {
    const view = this.#prompt.view();
    return this.#pending === null ? view : { ...view, waiting: true, blockedOn: "Connecting" };
  }

  hint(line: string): LineHint {
    return this.#prompt.hint(line);
  }

  /** What is typed of a key, where one can stand. */
  partial(line: string): Uint8Array | undefined {
    return this.#prompt.partial(line);
  }

  connect(): void {
    this.#socket ??= new Socket(this.#dial, {
      onOpen: () => this.#open(),
      onBytes: (bytes) => this.#take(bytes),
      onClose: (reason) => this.#close(reason),
    });
  }

  /** Ctrl-C: what waits or streams is given up. */
  reconnect(): void {
    this.#socket?.drop();
    this.#socket = null;
    this.#prompt.connected(false);
    this.connect();
    this.#listener.onChange();
  }

  type(line: string): void {
    this.#typedMs = performance.now();
    if (this.#socket?.isOpen && !this.#awaitsWelcome) return this.#run(line);
    this.#pending = line;
    this.connect();
  }

  /** The terminal is closed. */
  end(): void {
    this.#socket?.drop();
    this.#socket = null;
    this.#prompt.free();
  }

  #open(): void {
    const credentials = this.#credentials();
    this.#awaitsWelcome = credentials !== null;
    if (credentials) this.#socket?.send(request(["AUTH", credentials.user, credentials.password]));
    else this.#begin();
  }

  #begin(): void {
    this.#prompt.connected(true);
    this.#pump();
    const line = this.#pending;
    this.#pending = null;
    if (line !== null) this.#run(line);
    this.#listener.onChange();
  }

  #run(line: string): void {
    if (this.#prompt.type(line)) {
      this.#socket?.drop();
      this.#socket = null;
      this.#prompt.connected(false);
      this.#listener.onClose("quit");
      return this.#listener.onChange();
    }
    this.#pump();
  }

  #take(bytes: Uint8Array): void {
    const rest = this.#awaitsWelcome ? this.#welcome(bytes) : bytes;
    if (rest.length === 0) return;
    this.#listener.onBytes(false, rest);
    this.#prompt.feed(rest);
    this.#pump();
  }

  /** What comes behind the answer to AUTH, which is a line; whether it was refused the next command will tell. */
  #welcome(bytes: Uint8Array): Uint8Array {
    const end = bytes.indexOf(LINE_END);
    if (end < 0) return bytes.subarray(bytes.length);
    this.#awaitsWelcome = false;
    this.#begin();
    return bytes.subarray(end + 1);
  }

  /** Sends what may be sent, prints what there is. */
  #pump(): void {
    try {
      for (let goesOn = true; goesOn; ) {
        const request = this.#prompt.request();
        if (request) {
          this.#listener.onBytes(true, request);
          this.#socket?.send(request);
        }
        const output = this.#prompt.output();
        if (output) this.#listener.onOutput(output, output.kind === "reply" ? (performance.now() - this.#typedMs) * 1000 : 0);
        goesOn = request !== undefined || output !== undefined;
      }
    } catch {
      this.#socket?.drop();
      this.#close("Error: Protocol error");
    }
    this.#listener.onChange();
  }

  #close(reason: string): void {
    const wasWaiting = this.#pending !== null;
    this.#socket = null;
    this.#pending = null;
    this.#awaitsWelcome = false;
    const wasOpen = !this.#prompt.view().prompt.startsWith("not connected");
    this.#prompt.connected(false);
    if (wasWaiting) {
      const text = `Could not connect to Redis at ${this.#address}: ${reason || "Connection refused"}\n`;
      this.#listener.onOutput({ atUs: 0, kind: "reply", client: 0, text, isError: true, elapsedUs: 0 }, 0);
    } else if (wasOpen || reason !== "") {
      this.#listener.onClose(reason || "Error: Server closed the connection");
    }
    this.#listener.onChange();
  }
}
