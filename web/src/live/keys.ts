/**
 * The keys of a real server, found by SCAN a page at a time, as far as somebody has scrolled: never all at once.
 *
 * They stand in the order in which SCAN gives them, so nothing moves when more are found.
 */

import type { KeyPage, KeyRow } from "../engine/types.ts";
import { figure, list, text, type Answer } from "./asker.ts";
import { RedisError, type Arg } from "../client/types.ts";

/** Asks the server, in a database. */
export type AskIn = (db: number, ...args: Arg[]) => Promise<Answer>;

interface Found {
  db: number;
  raw: Uint8Array;
}

/** So many keys SCAN looks at in one call, and so many calls answer one question: what is not found then is found later. */
const SCAN_COUNT = 500;
const CALLS_MAX = 8;
/** So many names are held. Who looks for one beyond filters by its name. */
const HELD_MAX = 100_000;
const NAME_BYTES = 200;

export class Keys {
  readonly #ask: AskIn;
  #found: Found[] = [];
  #seen = new Set<string>();
  #pattern: string | null = null;
  /** Databases still to be walked, the first with the place it was left at. */
  #rest: { db: number; cursor: string }[] = [];
  #total = 0;
  #isStale = true;

  constructor(ask: AskIn) {
    this.#ask = ask;
  }

  /** Something may have changed: the next question begins anew. */
  forget(): void {
    this.#isStale = true;
  }

  get found(): number {
    return this.#found.length;
  }

  /** Whether more may be found for what was asked last. */
  get isUnfinished(): boolean {
    return this.#rest.length > 0 && this.#found.length < HELD_MAX;
  }

  async page(databases: readonly { db: number; keys: number }[], pattern: string, from: number, count: number): Promise<KeyPage> {
    if (this.#isStale || pattern !== this.#pattern) {
      this.#found = [];
      this.#seen = new Set();
      this.#rest = databases.map(({ db }) => ({ db, cursor: "0" }));
      this.#total = databases.reduce((sum, { keys }) => sum + keys, 0);
      this.#pattern = pattern;
      this.#isStale = false;
    }
    await this.#scan(from + count, glob(pattern));
    const rows = await Promise.all(this.#found.slice(from, from + count).map((found) => this.#row(found)));
    return { total: this.#shownTotal(pattern), from, rows };
  }

  /** Of all keys the number is known; of those that match, what was found, and room to scroll to the next. */
  #shownTotal(pattern: string): number {
    const found = this.#found.length;
    if (!this.isUnfinished) return found;
    return pattern === "" ? Math.min(HELD_MAX, Math.max(found, this.#total)) : found + 1;
  }

  async #scan(wanted: number, match: string | null): Promise<void> {
    for (let calls = 0; calls < CALLS_MAX && this.isUnfinished && this.#found.length < wanted; calls++) {
      const [walk] = this.#rest;
      if (!walk) return;
      const answer = await this.#ask(walk.db, "SCAN", walk.cursor, ...(match === null ? [] : ["MATCH", match]), "COUNT", String(SCAN_COUNT));
      if (answer instanceof RedisError) throw answer;
      const [cursor, names] = list(answer);
      for (const raw of list(names)) this.#add(walk.db, raw);
      walk.cursor = text(cursor);
      if (walk.cursor === "0" || walk.cursor === "") this.#rest.shift();
    }
  }

  /** SCAN may name a key twice. */
  #add(db: number, raw: Answer): void {
    if (!(raw instanceof Uint8Array)) return;
    const id = `${db}:${latin1(raw)}`;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    this.#found.push({ db, raw });
  }

  #row({ db, raw }: Found): Promise<KeyRow | null> {
    return rowOf((...args) => this.#ask(db, ...args), db, raw);
  }
}

/** What a list shows of a key; null when it has gone. */
export async function rowOf(ask: (...args: Arg[]) => Promise<Answer>, db: number, raw: Uint8Array): Promise<KeyRow | null> {
  const [type, encoding, expiresAt, bytes] = await Promise.all([ask("TYPE", raw), ask("OBJECT", "ENCODING", raw), ask("PEXPIRETIME", raw), ask("MEMORY", "USAGE", raw)]);
  const kind = text(type);
  if (kind === "none" || kind === "") return null;
  const length = LENGTHS[kind];
  const expires = figure(expiresAt) ?? -1;
  return {
    db,
    name: new TextDecoder().decode(raw.subarray(0, NAME_BYTES)),
    raw,
    type: kind,
    encoding: text(encoding),
    expireAtMs: expires < 0 ? null : expires,
    bytes: figure(bytes) ?? 0,
    length: length === undefined ? 0 : (figure(await ask(length, raw)) ?? 0),
  };
}

const LENGTHS: Readonly<Record<string, string>> = { string: "STRLEN", list: "LLEN", set: "SCARD", hash: "HLEN", zset: "ZCARD", stream: "XLEN" };

/** A pattern is one that has a special character; else it is a part of a name. */
export function glob(pattern: string): string | null {
  if (pattern === "") return null;
  return /[*?[\\]/.test(pattern) ? pattern : `*${pattern}*`;
}

/** Bytes as a string of as many characters: a name in a set. */
export function latin1(raw: Uint8Array): string {
  let name = "";
  for (const byte of raw) name += String.fromCharCode(byte);
  return name;
}
