/** Requests, written straight into the engine's memory. */

import type { Arg } from "./types.ts";

const encoder = new TextEncoder();
const CR = 13;
const LF = 10;

/** At most this many bytes for a request of these words. */
export function roomFor(args: readonly Arg[]): number {
  let room = HEAD_MAX;
  for (const arg of args) room += HEAD_MAX + (typeof arg === "string" ? arg.length * 3 : typeof arg === "object" ? arg.length : NUMBER_MAX);
  return room;
}

/** Writes a request at `at` and returns where it ends. There has to be room. */
export function writeRequest(memory: Uint8Array, at: number, args: readonly Arg[]): number {
  let end = writeHead(memory, at, 42, args.length);
  for (const arg of args) {
    end = typeof arg === "string" ? writeText(memory, end, arg) : typeof arg === "object" ? writeBytes(memory, end, arg) : writeText(memory, end, String(arg));
  }
  return end;
}

function writeText(memory: Uint8Array, at: number, text: string): number {
  // Nearly all words are short and ASCII, and a loop over those is quicker than a call to the encoder.
  if (text.length > SHORT) return writeBytes(memory, at, encoder.encode(text));
  const start = writeHead(memory, at, 36, text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 127) return writeBytes(memory, at, encoder.encode(text));
    memory[start + index] = code;
  }
  return writeEnd(memory, start + text.length);
}

function writeBytes(memory: Uint8Array, at: number, bytes: Uint8Array): number {
  const start = writeHead(memory, at, 36, bytes.length);
  memory.set(bytes, start);
  return writeEnd(memory, start + bytes.length);
}

/** A mark, a number and the end of the line. */
function writeHead(memory: Uint8Array, at: number, mark: number, count: number): number {
  memory[at] = mark;
  let digits = 1;
  for (let rest = count; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
  let rest = count;
  for (let place = at + digits; place > at; place -= 1) {
    memory[place] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return writeEnd(memory, at + digits + 1);
}

function writeEnd(memory: Uint8Array, at: number): number {
  memory[at] = CR;
  memory[at + 1] = LF;
  return at + 2;
}

/** A mark, at most sixteen digits, and two line ends. */
const HEAD_MAX = 21;
/** A number as JavaScript prints it; a bigint may be longer, and is no number for Redis then. */
const NUMBER_MAX = 400;
const SHORT = 64;
