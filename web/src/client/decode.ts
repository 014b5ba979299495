/**
 * Replies, read out of bytes: RESP2 and RESP3.
 *
 * Invariant: what is not whole yet is left where it is, to be read again with
 * more bytes behind it.
 */

import { RedisError, type Reply } from "./types.ts";

const decoder = new TextDecoder();

/** Something that came unasked. */
export interface Push {
  push: Reply[];
}

/** Reads whole replies off a buffer, and keeps what is left for the next. */
export class Decoder {
  readonly #asBytes: boolean;
  #kept: Uint8Array | null = null;
  #bytes: Uint8Array = EMPTY;
  #at = 0;

  /** With `asBytes`, bulk strings stay bytes. */
  constructor(asBytes = false) {
    this.#asBytes = asBytes;
  }

  /** Hands each whole reply to `take`. `bytes` may be changed afterwards. */
  feed(bytes: Uint8Array, take: (reply: Reply | Uint8Array | Push) => void): void {
    this.#bytes = this.#kept ? joined(this.#kept, bytes) : bytes;
    this.#kept = null;
    this.#at = 0;
    while (this.#at < this.#bytes.length) {
      const start = this.#at;
      const reply = this.#read();
      if (reply === UNFINISHED) {
        this.#kept = this.#bytes.slice(start);
        break;
      }
      take(reply as Reply | Push);
    }
    this.#bytes = EMPTY;
  }

  #read(): Value | typeof UNFINISHED {
    const mark = this.#bytes[this.#at];
    const end = this.#lineEnd();
    if (end < 0) return UNFINISHED;
    const start = this.#at + 1;
    this.#at = end + 2;
    switch (mark) {
      case 43: // +
        return end - start === 2 && this.#bytes[start] === 79 && this.#bytes[start + 1] === 75 ? "OK" : this.#text(start, end);
      case 45: // -
        return new RedisError(this.#text(start, end));
      case 58: // :
        return this.#integer(start, end);
      case 36: // $
      case 61: // =
        return this.#bulk(this.#length(start, end), mark === 61);
      case 42: // *
        return this.#items(this.#length(start, end));
      case 126: // ~
        return this.#collect(this.#length(start, end), (items) => new Set(items));
      case 62: // >
        return this.#collect(this.#length(start, end), (items) => ({ push: items }));
      case 37: // %
        return this.#collect(2 * this.#length(start, end), pairs);
      default:
        return this.#simple(mark, start, end);
    }
  }

  #simple(mark: number | undefined, start: number, end: number): Value {
    const text = this.#text(start, end);
    switch (mark) {
      case 95: // _
        return null;
      case 35: // #
        return text === "t";
      case 44: // ,
        return text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text);
      case 40: // (
        return BigInt(text);
      default:
        throw new Error(`A reply begins with the byte ${mark}.`);
    }
  }

  #bulk(length: number, verbatim: boolean): Value | typeof UNFINISHED {
    if (length < 0) return null;
    const start = this.#at;
    if (start + length + 2 > this.#bytes.length) return UNFINISHED;
    this.#at = start + length + 2;
    // A verbatim text begins with its format, "txt:".
    const from = verbatim ? start + 4 : start;
    if (this.#asBytes) return this.#bytes.slice(from, start + length) as unknown as Value;
    return this.#text(from, start + length);
  }

  #items(length: number): Value | typeof UNFINISHED {
    return length < 0 ? null : this.#collect(length, (items) => items);
  }

  #collect<T extends Value>(length: number, make: (items: Reply[]) => T): T | typeof UNFINISHED {
    const items: Reply[] = [];
    for (let index = 0; index < length; index += 1) {
      const item = this.#at < this.#bytes.length ? this.#read() : UNFINISHED;
      if (item === UNFINISHED) return UNFINISHED;
      items.push(item as Reply);
    }
    return make(items);
  }

  #integer(start: number, end: number): number | bigint {
    if (end - start > 15) {
      const whole = BigInt(this.#text(start, end));
      return whole >= Number.MIN_SAFE_INTEGER && whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole;
    }
    return this.#length(start, end);
  }

  #length(start: number, end: number): number {
    const negative = this.#bytes[start] === 45;
    let value = 0;
    for (let at = negative ? start + 1 : start; at < end; at += 1) value = value * 10 + (this.#bytes[at] ?? 48) - 48;
    return negative ? -value : value;
  }

  #lineEnd(): number {
    const at = this.#bytes.indexOf(13, this.#at);
    return at >= 0 && at + 1 < this.#bytes.length ? at : -1;
  }

  #text(start: number, end: number): string {
    if (end - start > SHORT) return decoder.decode(this.#bytes.subarray(start, end));
    let text = "";
    for (let at = start; at < end; at += 1) {
      const byte = this.#bytes[at] ?? 0;
      if (byte > 127) return decoder.decode(this.#bytes.subarray(start, end));
      text += String.fromCharCode(byte);
    }
    return text;
  }
}

type Value = Reply | Push;

function pairs(items: Reply[]): Map<Reply, Reply> {
  const map = new Map<Reply, Reply>();
  for (let index = 0; index + 1 < items.length; index += 2) map.set(items[index] ?? null, items[index + 1] ?? null);
  return map;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

const UNFINISHED = Symbol("unfinished");
const EMPTY = new Uint8Array();
const SHORT = 48;
