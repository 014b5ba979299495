/**
 * The event log: everything the picture shows, in words. A packet has one entry
 * from the moment it is sent; its fate is filled in when it is known.
 */

import { isUntil, type Moment } from "../engine/moment.ts";
import type { ClientId, LinkChange, LinkId, LinkView, NodeChange, NodeId, PacketId, PacketKind, PacketView, WorldEvent } from "../engine/types.ts";
import { duration } from "../format.ts";
import { escaped } from "../hex.ts";

export type LogTopic = "packets" | "wire" | "heartbeats" | "commands" | "server" | "fleet" | "inspector";

export interface LogEntry {
  id: number;
  atUs: number;
  /** Where it stands in the world's history. */
  moment: Moment;
  topic: LogTopic;
  /** The nodes it is about: sender and receiver, or the one node. */
  nodes: readonly NodeId[];
  /** What the node did, of a command: "ran", "applied"; else empty. */
  verb: string;
  text: string;
  packet: LoggedPacket | null;
  /** The first bytes of a request or a reply. */
  raw: Uint8Array | null;
  warns: boolean;
}

export interface LoggedPacket {
  id: PacketId;
  kind: PacketKind;
  bytes: number;
  fate: "in flight" | "arrived" | "lost";
  /** When that was known; null while it is in flight. */
  fateUs: number | null;
  link: LinkId;
  /** When it arrives, or would have. */
  arrivesUs: number;
}

export interface LogFilter {
  topics: ReadonlySet<LogTopic>;
  node: NodeId | null;
  text: string;
}

export const LOG_TOPICS: readonly { topic: LogTopic; label: string; about: string }[] = [
  { topic: "packets", label: "Packets", about: "Bytes between nodes, but for heartbeats" },
  { topic: "commands", label: "Commands", about: "What each node ran, for a client or for its master" },
  { topic: "fleet", label: "Fleet", about: "Links, roles, expired keys" },
  { topic: "server", label: "Server log", about: "What each server prints to its log" },
  { topic: "wire", label: "Requests", about: "Bytes between clients and nodes, from when this is switched on" },
  { topic: "heartbeats", label: "Heartbeats", about: "PING and ACK packets, every second" },
];

/** Heartbeats start hidden: two replicas send one each every second, and nothing else could be read. So do requests, which commands tell. */
export const LOG_FILTER_DEFAULT: LogFilter = {
  topics: new Set(LOG_TOPICS.map(({ topic }) => topic).filter((topic) => topic !== "heartbeats" && topic !== "wire")),
  node: null,
  text: "",
};

const ENTRIES_MAX = 3000;

/** Trimming waits until so many are too many: it moves all that stay. */
const ENTRIES_SPARE = 1000;

export class LogBook {
  /** Whether bytes between clients and nodes are taken: there are many of them. */
  overhears = false;
  #all: LogEntry[] = [];
  /** Entries whose packet is still on its way. */
  #flying = new Map<PacketId, LogEntry>();
  /** What was handed out, while it still holds. */
  #entries: readonly LogEntry[] | null = null;
  #next = 0;

  /** Another list whenever anything changed. */
  get entries(): readonly LogEntry[] {
    return (this.#entries ??= this.#all.slice(-ENTRIES_MAX));
  }

  /** Takes the log's share of events that happened after so many entries of the script; returns whether anything changed. */
  take(events: readonly WorldEvent[], links: readonly LinkView[], done: number, nodeOf: (client: ClientId) => NodeId | null = () => null): boolean {
    let changed = false;
    for (const event of events) {
      const took = event.kind === "packet" && event.fate !== "sent" ? this.#decide(event.packet.id, event.fate, event.atUs) : this.#add(this.#entry(event, links, done, nodeOf));
      changed ||= took;
    }
    if (changed) this.#entries = null;
    if (this.#all.length > ENTRIES_MAX + ENTRIES_SPARE) this.#trim();
    return changed;
  }

  /** The log as it stood at a moment. */
  until(moment: Moment): readonly LogEntry[] {
    return this.entries.filter((entry) => isUntil(entry.moment, moment)).map((entry) => undecided(entry, moment));
  }

  /** What came after a moment never was. */
  forgetBeyond(moment: Moment): void {
    this.#all = [...this.until(moment)];
    this.#flying = new Map(this.#all.flatMap((entry) => (entry.packet?.fateUs === null ? [[entry.packet.id, entry]] : [])));
    this.#entries = null;
  }

  #add(entry: LogEntry | null): boolean {
    if (!entry) return false;
    this.#all.push(entry);
    if (entry.packet) this.#flying.set(entry.packet.id, entry);
    return true;
  }

  #decide(id: PacketId, fate: "delivered" | "lost", atUs: number): boolean {
    const packet = this.#flying.get(id)?.packet;
    if (!packet) return false;
    packet.fate = fate === "lost" ? "lost" : "arrived";
    packet.fateUs = atUs;
    return this.#flying.delete(id);
  }

  #trim(): void {
    for (const { packet } of this.#all.splice(0, this.#all.length - ENTRIES_MAX)) {
      if (packet) this.#flying.delete(packet.id);
    }
  }

  #entry(event: WorldEvent, links: readonly LinkView[], done: number, nodeOf: (client: ClientId) => NodeId | null): LogEntry | null {
    const said = event.kind === "wire" ? (this.overhears ? sayWire(event, nodeOf(event.client)) : null) : say(event, links);
    const moment = { entries: done, atUs: event.atUs };
    return said && { id: this.#next++, atUs: event.atUs, moment, packet: null, raw: null, verb: "", warns: false, ...said };
  }
}

export function filtered(entries: readonly LogEntry[], filter: LogFilter): LogEntry[] {
  const text = filter.text.trim().toLowerCase();
  return entries.filter(
    (entry) =>
      filter.topics.has(entry.topic) &&
      (filter.node === null || entry.nodes.includes(filter.node)) &&
      (text === "" || entry.text.toLowerCase().includes(text)),
  );
}

const NODE_CHANGES: Record<NodeChange, string> = {
  crashed: "crashed",
  restarted: "started again",
  paused: "stands still",
  resumed: "goes on",
  clockShifted: "has another time",
  diskFull: "has a full disk",
  diskFree: "has room on its disk again",
};

type Said = Pick<LogEntry, "topic" | "nodes" | "text"> & Partial<Pick<LogEntry, "packet" | "raw" | "verb" | "warns">>;

function sayWire({ sent, raw, bytes }: Extract<WorldEvent, { kind: "wire" }>, node: NodeId | null): Said {
  const text = bytes > raw.length ? `${escaped(raw)}…` : escaped(raw);
  return { topic: "wire", nodes: node === null ? [] : [node], verb: sent ? "←" : "→", text, raw };
}

function say(event: WorldEvent, links: readonly LinkView[]): Said | null {
  switch (event.kind) {
    case "packet":
      return sayPacket(event.packet);
    case "command":
      // Its packet tells what a replica asked for.
      if (event.source === "replica") return null;
      return { topic: "commands", nodes: [event.node], verb: event.source === "client" ? "ran" : "applied", text: event.text };
    case "log":
      return { topic: "server", nodes: [event.node], text: event.text, warns: event.level === "warning" };
    case "link":
      return sayLink(event.link, event.change, links);
    case "node":
      return { topic: "fleet", nodes: [event.node], text: NODE_CHANGES[event.change], warns: event.change === "crashed" };
    case "role":
      return { topic: "fleet", nodes: [event.node], text: `is now a ${event.role}` };
    case "expired":
      return { topic: "fleet", nodes: [event.node], text: `expired ${event.key}` };
    case "reply":
    case "push":
    case "disconnected":
    case "wire":
      return null;
  }
}

function sayLink(id: LinkId, change: LinkChange, links: readonly LinkView[]): Said {
  const link = links.find((other) => other.id === id);
  const text = change === "latency" ? `link takes ${duration(link?.latencyUs ?? 0)} one way` : `link ${change}`;
  return { topic: "fleet", nodes: link ? [link.from, link.to] : [], text, warns: change === "cut" };
}

function sayPacket(view: PacketView): Said {
  const { id, kind, bytes, label, link, from, to, arrivesUs } = view;
  const topic = isHeartbeat(view) ? "heartbeats" : "packets";
  return { topic, nodes: [from, to], text: label, packet: { id, kind, bytes, fate: "in flight", fateUs: null, link, arrivesUs } };
}

/** What is sent whether or not anything happens. The master asking for an acknowledgement is none: a client waits for that. */
export function isHeartbeat({ kind, label }: Pick<PacketView, "kind" | "label">): boolean {
  return kind === "ping" || (kind === "ack" && label.startsWith("ACK"));
}

/** At that moment, the packet was still on its way. */
function undecided(entry: LogEntry, { atUs }: Moment): LogEntry {
  const { packet } = entry;
  if (!packet || packet.fateUs === null || packet.fateUs <= atUs) return entry;
  return { ...entry, packet: { ...packet, fate: "in flight", fateUs: null } };
}
