/** INFO's text, and the node it tells of in the shape the page's panels know. */

import type { NodeView } from "../engine/types.ts";

export type Info = ReadonlyMap<string, string>;

export function readInfo(text: string): Info {
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
}

/** Databases that hold keys, and how many. */
export function databases(info: Info): { db: number; keys: number }[] {
  const found: { db: number; keys: number }[] = [];
  for (const [name, value] of info) {
    const db = /^db(\d+)$/.exec(name)?.[1];
    if (db !== undefined) found.push({ db: Number(db), keys: Number(part(value, "keys")) });
  }
  return found.sort((a, b) => a.db - b.db);
}

/** The one node of the live view. */
export function nodeOf(info: Info, address: string): NodeView {
  const number = (name: string) => Number(info.get(name) ?? 0);
  const isReplica = info.get("role") === "slave";
  const replicas = [...info].filter(([name]) => /^slave\d+$/.test(name)).map(([, value]) => replica(value));
  return {
    id: 0,
    address,
    up: true,
    crashed: false,
    paused: false,
    clockShiftMs: 0,
    diskFull: false,
    role: isReplica ? "replica" : "master",
    master: isReplica ? `${info.get("master_host")}:${info.get("master_port")}` : null,
    masterLink: isReplica ? (info.get("master_link_status") === "up" ? "connected" : info.get("master_sync_in_progress") === "1" ? "sync" : "connect") : null,
    replid: info.get("master_replid") ?? "",
    replid2: info.get("master_replid2") ?? "",
    offset: number("master_repl_offset"),
    backlog:
      info.get("repl_backlog_active") === "1"
        ? { firstOffset: number("repl_backlog_first_byte_offset"), length: number("repl_backlog_histlen"), size: number("repl_backlog_size") }
        : null,
    replicas,
    keys: databases(info).reduce((sum, { keys }) => sum + keys, 0),
    clients: number("connected_clients"),
    blocked: number("blocked_clients"),
  };
}

function replica(value: string): NodeView["replicas"][number] {
  const state = part(value, "state");
  return {
    address: `${part(value, "ip")}:${part(value, "port")}`,
    state: state === "online" || state === "send_bulk" ? state : "wait_bgsave",
    ackOffset: Number(part(value, "offset")),
  };
}

function part(value: string, name: string): string {
  return value.split(",").find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}
