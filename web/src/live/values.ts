/**
 * The value of one key, a stretch at a time, by the commands of its type. What can only be walked, a set or a hash, is
 * walked as far as somebody turns pages.
 */

import type { GroupView, Item, KeyView, Point, StreamView, ValueView } from "../engine/types.ts";
import { figure, fields, list, text, type Answer } from "./asker.ts";
import { latin1, rowOf, type AskIn } from "./keys.ts";
import type { Arg } from "../client/types.ts";

const ITEMS = 100;
const BYTES = 4096;
/** As much of an element as a page can show. */
const TEXT_BYTES = 200;
/** Scores of GEOADD lie here; smaller ones may be, and hardly ever are. */
const GEO_SCORE_MIN = 2 ** 40;
const GEO_SCORE_MAX = 2 ** 52;

type Ask = (...args: Arg[]) => Promise<Answer>;

/** How far a set or a hash was walked. */
interface Walk {
  key: string;
  cursor: string;
  items: Item[];
}

export class Values {
  readonly #ask: AskIn;
  #walk: Walk | null = null;

  constructor(ask: AskIn) {
    this.#ask = ask;
  }

  /** Something may have changed: what was walked is walked anew. */
  forget(): void {
    this.#walk = null;
  }

  async value(db: number, raw: Uint8Array, from: number): Promise<KeyView | null> {
    const ask: Ask = (...args) => this.#ask(db, ...args);
    const row = await rowOf(ask, db, raw);
    if (!row) return null;
    const value = await this.#value(ask, row.type, raw, from, `${db}:${latin1(raw)}`);
    return value && { ...row, from, value };
  }

  async #value(ask: Ask, type: string, raw: Uint8Array, from: number, id: string): Promise<ValueView | null> {
    const until = String(from + ITEMS - 1);
    switch (type) {
      case "string": {
        const piece = await ask("GETRANGE", raw, String(from), String(from + BYTES - 1));
        return { kind: "text", raw: piece instanceof Uint8Array ? piece : new Uint8Array(), registers: null };
      }
      case "list":
        return items(list(await ask("LRANGE", raw, String(from), until)).map((element) => ({ name: shown(element), value: null })));
      case "set":
        return items(await this.#walked(ask, "SSCAN", raw, from, id));
      case "hash":
        return items(await this.#walked(ask, "HSCAN", raw, from, id));
      case "zset":
        return this.#sorted(ask, raw, list(await ask("ZRANGE", raw, String(from), until, "WITHSCORES")));
      case "stream":
        return stream(ask, raw);
      default:
        return null;
    }
  }

  async #walked(ask: Ask, command: "SSCAN" | "HSCAN", raw: Uint8Array, from: number, key: string): Promise<Item[]> {
    if (from === 0 || this.#walk?.key !== key) this.#walk = { key, cursor: "", items: [] };
    const walk = this.#walk;
    while (walk.cursor !== "0" && walk.items.length < from + ITEMS) {
      const [cursor, found] = list(await ask(command, raw, walk.cursor || "0", "COUNT", String(ITEMS)));
      const elements = list(found);
      const step = command === "HSCAN" ? 2 : 1;
      for (let at = 0; at < elements.length; at += step) walk.items.push({ name: shown(elements[at]), value: step === 2 ? shown(elements[at + 1]) : null });
      walk.cursor = text(cursor) || "0";
    }
    return walk.items.slice(from, from + ITEMS);
  }

  async #sorted(ask: Ask, raw: Uint8Array, answers: readonly Answer[]): Promise<ValueView> {
    const members = answers.filter((_, at) => at % 2 === 0);
    const scores = answers.filter((_, at) => at % 2 === 1).map((score) => text(score));
    const found = members.map((member, at) => ({ name: shown(member), value: scores[at] ?? "" }));
    const mayBePlaces = scores.length > 0 && scores.every((score) => Number.isInteger(Number(score)) && Number(score) >= GEO_SCORE_MIN && Number(score) < GEO_SCORE_MAX);
    return { kind: "items", items: found, points: mayBePlaces ? await places(ask, raw, members) : null };
  }
}

function items(found: Item[]): ValueView {
  return { kind: "items", items: found, points: null };
}

async function places(ask: Ask, raw: Uint8Array, members: readonly Answer[]): Promise<Point[] | null> {
  const names = members.filter((member) => member instanceof Uint8Array);
  const points = list(await ask("GEOPOS", raw, ...names)).map((place) => {
    const [longitude, latitude] = list(place).map((degrees) => Number(text(degrees)));
    return longitude === undefined || latitude === undefined ? null : { longitude, latitude };
  });
  return points.length === members.length && points.every((point) => point !== null) ? points : null;
}

async function stream(ask: Ask, raw: Uint8Array): Promise<StreamView> {
  const [newest, about, groups] = await Promise.all([ask("XREVRANGE", raw, "+", "-", "COUNT", "50"), ask("XINFO", "STREAM", raw), ask("XINFO", "GROUPS", raw)]);
  const facts = fields(about);
  const entries = list(newest)
    .map((entry) => {
      const [id, pairs] = list(entry);
      return { id: text(id), fields: [...fields(pairs)].map(([name, value]) => ({ name, value: shown(value) })) };
    })
    .reverse();
  const first = entries[0];
  return {
    kind: "stream",
    entries,
    // How entries are packed into nodes a server does not tell: here they stand in one without a name.
    nodes: first ? [{ id: first.id, bytes: null }] : [],
    nodeCount: figure(facts.get("radix-tree-keys")) ?? undefined,
    lastId: text(facts.get("last-generated-id")),
    groups: await Promise.all(list(groups).map((group) => groupView(ask, raw, fields(group)))),
  };
}

async function groupView(ask: Ask, raw: Uint8Array, group: Map<string, Answer>): Promise<GroupView> {
  const name = group.get("name");
  const of = name instanceof Uint8Array ? name : text(name);
  const [pending, consumers] = await Promise.all([ask("XPENDING", raw, of, "-", "+", "50"), ask("XINFO", "CONSUMERS", raw, of)]);
  const nowMs = Date.now();
  return {
    name: shown(name),
    lastId: text(group.get("last-delivered-id")),
    lag: figure(group.get("lag")),
    pendingCount: figure(group.get("pending")) ?? 0,
    pending: list(pending).map((entry) => {
      const [id, consumer, idleMs, deliveries] = list(entry);
      return { id: text(id), consumer: shown(consumer), deliveredMs: nowMs - (figure(idleMs) ?? 0), deliveries: figure(deliveries) ?? 0 };
    }),
    consumers: list(consumers).map((consumer) => {
      const about = fields(consumer);
      return { name: shown(about.get("name")), seenMs: nowMs - (figure(about.get("idle")) ?? 0), pending: figure(about.get("pending")) ?? 0 };
    }),
  };
}

function shown(answer: Answer | undefined): string {
  return answer instanceof Uint8Array && answer.length > TEXT_BYTES ? `${text(answer.subarray(0, TEXT_BYTES))}…` : text(answer);
}
