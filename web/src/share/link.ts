/**
 * A world in a link: `#1.` and the script's text, deflated, in base64url. It never
 * leaves the browser, since what stands behind the `#` is not sent to a server.
 */

import { parseStory, StoryError, type Story } from "../engine/script-text.ts";

const VERSION = "1.";
/** A link is what anybody may write: it is not let grow beyond any use. */
const TEXT_MAX = 8 << 20;

export async function linkHash(text: string): Promise<string> {
  const packed = await collect(through(new TextEncoder().encode(text), new CompressionStream("deflate-raw")));
  return `#${VERSION}${base64url(packed)}`;
}

/** The world of a link; null when there is none in it. Throws a `StoryError` that says what is wrong with it. */
export async function storyOfHash(hash: string): Promise<Story | null> {
  const code = decodeURIComponentLeniently(hash.replace(/^#/, ""));
  if (code === "") return null;
  if (!code.startsWith(VERSION)) throw new StoryError(/^\d+\./.test(code) ? "it was made by a newer version of this page" : "it holds no fleet");
  return parseStory(await unpack(code.slice(VERSION.length)));
}

async function unpack(code: string): Promise<string> {
  const packed = bytesOf(code);
  if (!packed) throw new StoryError("it has letters in it that no link has");
  try {
    const text = await collect(through(packed, new DecompressionStream("deflate-raw")));
    return new TextDecoder("utf-8", { fatal: true }).decode(text);
  } catch (error) {
    if (error instanceof StoryError) throw error;
    throw new StoryError("a part of it is missing");
  }
}

function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream().pipeThrough(stream);
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    pieces.push(read.value);
    length += read.value.length;
    if (length > TEXT_MAX) throw new StoryError("it is larger than any that this page makes");
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function base64url(bytes: Uint8Array): string {
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function bytesOf(code: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]*$/.test(code)) return null;
  try {
    return Uint8Array.from(atob(code.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/** Programs that pass links on may have encoded some letters. */
function decodeURIComponentLeniently(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
