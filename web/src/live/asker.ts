/**
 * The inspector's own connection: requests in, replies out, in order. It is opened when something is asked, and what was
 * asked when it ends is answered with an error.
 */

import { Decoder } from "../client/decode.ts";
import { roomFor, writeRequest } from "../client/encode.ts";
import { RedisError, type Arg } from "../client/types.ts";
import { Socket, type Dial } from "./socket.ts";

/** A reply whose bulk strings are bytes. */
export type Answer = null | boolean | number | bigint | string | Uint8Array | RedisError | readonly Answer[];

export interface Credentials {
  user: string;
  password: string;
}

/** The connection is gone. */
export class Disconnected extends Error {}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export interface AskerListener {
  onOpen(): void;
  onClose(reason: string): void;
  onBytes(sent: boolean, bytes: Uint8Array): void;
}

export class Asker {
  readonly #dial: Dial;
  readonly #listener: AskerListener;
  #socket: Socket | null = null;
  #decoder = new Decoder(true);
  #waiting: Waiting[] = [];

  constructor(dial: Dial, listener: AskerListener) {
    this.#dial = dial;
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.#socket?.isOpen ?? false;
  }

  /** Connects, unless it is connected or about to be. */
  connect(): void {
    if (this.#socket) return;
    this.#decoder = new Decoder(true);
    this.#socket = new Socket(this.#dial, {
      onOpen: () => this.#listener.onOpen(),
      onBytes: (bytes) => this.#take(bytes),
      onClose: (reason) => this.#close(reason),
    });
  }

  drop(): void {
    this.#socket?.drop();
    this.#close("");
  }

  /** Asks; an error of the server's is an answer. Requests made at once travel as one. */
  ask(...args: Arg[]): Promise<Answer> {
    const socket = this.#socket;
    if (!socket?.isOpen) return Promise.reject(new Disconnected());
    const bytes = request(args);
    this.#listener.onBytes(true, bytes);
    socket.send(bytes);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #take(bytes: Uint8Array): void {
    this.#listener.onBytes(false, bytes);
    try {
      this.#decoder.feed(bytes, (reply) => this.#waiting.shift()?.resolve(reply as Answer));
    } catch {
      this.drop();
    }
  }

  #close(reason: string): void {
    if (!this.#socket) return;
    this.#socket = null;
    for (const { reject } of this.#waiting.splice(0)) reject(new Disconnected());
    this.#listener.onClose(reason);
  }
}

export function request(args: readonly Arg[]): Uint8Array {
  const memory = new Uint8Array(roomFor(args));
  return memory.subarray(0, writeRequest(memory, 0, args));
}

const decoder = new TextDecoder();

/** An answer as text; of one that is none, empty. */
export function text(answer: Answer | undefined): string {
  if (answer instanceof Uint8Array) return decoder.decode(answer);
  return typeof answer === "string" || typeof answer === "number" || typeof answer === "bigint" ? String(answer) : "";
}

/** An answer as a number; of one that is none, null. */
export function figure(answer: Answer | undefined): number | null {
  const number = typeof answer === "number" || typeof answer === "bigint" ? Number(answer) : Number.NaN;
  return Number.isNaN(number) ? null : number;
}

export function list(answer: Answer | undefined): readonly Answer[] {
  return Array.isArray(answer) ? (answer as readonly Answer[]) : [];
}

/** Names and values that take turns, as RESP2 sends a map. */
export function fields(answer: Answer | undefined): Map<string, Answer> {
  const items = list(answer);
  const map = new Map<string, Answer>();
  for (let at = 0; at + 1 < items.length; at += 2) map.set(text(items[at]), items[at + 1] ?? null);
  return map;
}
