/**
 * A world made of a few lines of TypeScript: enough of one to draw and test the
 * page without the engine. Never part of a build.
 */

import type {
  ClientId,
  ClientView,
  FileView,
  Frame,
  Input,
  ByteWindow,
  ConnectionView,
  RecordPage,
  RecordView,
  KeyPage,
  KeyRow,
  KeyView,
  LineHint,
  LinkView,
  NodeId,
  NodeView,
  PacketDetail,
  PacketId,
  PacketKind,
  PacketView,
  SettingView,
  World,
  WorldEvent,
  WorldOptions,
} from "../src/engine/types.ts";

interface FakeNode {
  view: NodeView;
  data: Map<string, string>;
}

interface Waiting {
  client: ClientId;
  wants: number;
  offset: number;
  sinceUs: number;
}

interface Due {
  atUs: number;
  order: number;
  run: () => void;
}

const SECOND = 1_000_000;

export class FakeWorld implements World {
  #nowUs = 0;
  #order = 0;
  #due: Due[] = [];
  #events: WorldEvent[] = [];
  #nodes: FakeNode[] = [];
  #links: LinkView[] = [];
  #clients = new Map<ClientId, ClientView>();
  #flying = new Map<PacketId, PacketView>();
  #held: { link: number; run: () => void }[] = [];
  #opened = new Map<PacketId, { packet: PacketView; raw: string; why: string; offsets: PacketDetail["offsets"] }>();
  #waits: Waiting[] = [];
  #nextId = 1;

  constructor(private readonly options: WorldOptions) {
    this.#addNode(null);
    for (let i = 0; i < options.replicas; i++) this.#addNode(this.#nodes[0] ?? null);
    this.#every(10 * SECOND, () => this.#stream("*1\r\n$4\r\nPING\r\n", "ping", "PING"));
  }

  apply(input: Input): void {
    switch (input.kind) {
      case "addReplica":
        return this.#addNode(this.#nodes[input.of] ?? null);
      case "openClient":
        return this.#openClient(input.node);
      case "closeClient":
        this.#clients.delete(input.client);
        this.#waits = this.#waits.filter(({ client }) => client !== input.client);
        return;
      case "interrupt":
        return this.#interrupt(input.client);
      case "type":
        return this.#type(input.client, input.line);
      case "cutLink":
      case "healLink":
        return this.#cut(input.link, input.kind === "cutLink");
      case "setLatency": {
        const link = this.#links[input.link];
        if (!link) return;
        link.latencyUs = input.latencyUs;
        return this.#say({ atUs: this.#nowUs, kind: "link", link: link.id, change: "latency" });
      }
      default:
      // The other faults are the engine's own.
    }
  }

  runUntil(untilUs: number, maxEvents: number): void {
    for (let handled = 0; handled < maxEvents; handled++) {
      const next = this.#due[0];
      if (!next || next.atUs > untilUs) {
        this.#nowUs = Math.max(this.#nowUs, untilUs);
        return;
      }
      this.step();
    }
  }

  step(): void {
    const next = this.#due.shift();
    if (!next) return;
    this.#nowUs = next.atUs;
    next.run();
  }

  frame(): Frame {
    const events = this.#events;
    this.#events = [];
    return structuredClone({
      view: {
        nowUs: this.#nowUs,
        wallMs: 1_700_000_000_000 + this.#nowUs / 1000,
        nextUs: this.#due[0]?.atUs ?? null,
        nodes: this.#nodes.map(({ view, data }) => ({ ...view, keys: data.size, clients: [...this.#clients.values()].filter(({ node }) => node === view.id).length })),
        links: this.#links,
        packets: [...this.#flying.values()],
        clients: [...this.#clients.values()],
      },
      events,
    });
  }

  files(): FileView[] {
    return [];
  }

  file(): Uint8Array | null {
    return null;
  }

  script(): string | undefined {
    return undefined;
  }

  forget(): void {
    this.#events = [];
  }

  nowUs(): number {
    return this.#nowUs;
  }

  nextUs(): number | undefined {
    return this.#due[0]?.atUs;
  }

  trap(): void {
    throw new Error("unreachable executed");
  }

  hint(_client: ClientId, line: string): LineHint {
    const names = ["SET", "GET", "WAIT"].filter((name) => name.startsWith(line.toUpperCase()));
    return { name: "", summary: "", parts: [], completions: names };
  }

  keys(node: NodeId, pattern: string, from: number, count: number): KeyPage {
    const rows = [...this.#dataOf(node).keys()].filter((name) => name.includes(pattern)).sort();
    return { total: rows.length, from, rows: rows.slice(from, from + count).map((name) => this.#row(node, name)) };
  }

  value(node: NodeId, _db: number, key: Uint8Array): KeyView | null {
    const name = new TextDecoder().decode(key);
    const text = this.#dataOf(node).get(name);
    if (text === undefined) return null;
    return { ...this.#row(node, name), from: 0, value: { kind: "text", raw: new TextEncoder().encode(text), registers: null } };
  }

  connections(node: NodeId): ConnectionView[] {
    return [...this.#clients.values()].filter((client) => client.node === node).map(({ id }) => ({ line: `id=${id} addr=127.0.0.1:1`, waitsFor: null }));
  }

  settings(): SettingView[] {
    return [{ name: "port", value: "6379", usual: "6379", fixed: true }];
  }

  records(): RecordPage | null {
    return null;
  }

  window(): ByteWindow | null {
    return null;
  }

  record(): RecordView | null {
    return null;
  }

  #dataOf(node: NodeId): Map<string, string> {
    return this.#nodes.find(({ view }) => view.id === node)?.data ?? new Map();
  }

  #row(node: NodeId, name: string): KeyRow {
    const length = this.#dataOf(node).get(name)?.length ?? 0;
    return { db: 0, name, raw: new TextEncoder().encode(name), type: "string", encoding: "raw", expireAtMs: null, bytes: 48 + name.length + length, length };
  }

  packet(id: PacketId): PacketDetail | null {
    const opened = this.#opened.get(id);
    if (!opened) return null;
    const raw = new TextEncoder().encode(opened.raw);
    return { ...opened.packet, raw, truncated: false, parts: partsOf(opened.raw), why: opened.why, offsets: opened.offsets };
  }

  digest(): string {
    return String(this.#order);
  }

  free(): void {
    this.#due = [];
  }

  // The network

  #at(atUs: number, run: () => void): void {
    this.#due.push({ atUs, order: this.#order++, run });
    this.#due.sort((a, b) => a.atUs - b.atUs || a.order - b.order);
  }

  #every(us: number, run: () => void): void {
    this.#at(this.#nowUs + us, () => {
      run();
      this.#every(us, run);
    });
  }

  #send(from: FakeNode, to: FakeNode, kind: PacketKind, label: string, raw: string, arrived: () => void, why = "", offsets: PacketDetail["offsets"] = null): void {
    const link = this.#links.find((other) => [other.from, other.to].every((end) => end === from.view.id || end === to.view.id));
    if (!link) return;
    const id = this.#nextId++;
    const arrivesUs = this.#nowUs + link.latencyUs;
    const packet: PacketView = { id, link: link.id, from: from.view.id, to: to.view.id, sentUs: this.#nowUs, arrivesUs, bytes: raw.length, kind, label };
    this.#flying.set(id, packet);
    this.#opened.set(id, { packet, raw, why, offsets });
    this.#say({ atUs: this.#nowUs, kind: "packet", packet, fate: "sent" });
    const arrive = () => {
      this.#flying.delete(id);
      if (link.cut) {
        this.#say({ atUs: this.#nowUs, kind: "packet", packet, fate: "lost" });
        return void this.#held.push({ link: link.id, run: () => this.#send(from, to, kind, label, raw, arrived, why, offsets) });
      }
      this.#say({ atUs: this.#nowUs, kind: "packet", packet, fate: "delivered" });
      arrived();
    };
    this.#at(arrivesUs, arrive);
  }

  #cut(id: number, cut: boolean): void {
    const link = this.#links[id];
    if (!link || (link.cut !== null) === cut) return;
    link.cut = cut ? "both" : null;
    this.#say({ atUs: this.#nowUs, kind: "link", link: id, change: cut ? "cut" : "healed" });
    if (cut) return;
    for (const { run } of this.#held.filter(({ link }) => link === id)) this.#at(this.#nowUs + 1000, run);
    this.#held = this.#held.filter(({ link }) => link !== id);
  }

  #say(event: WorldEvent): void {
    this.#events.push(event);
  }

  // Nodes

  #addNode(master: FakeNode | null): void {
    const id = this.#nodes.length;
    const view: NodeView = {
      id,
      address: `10.0.0.${id + 1}:6379`,
      role: master ? "replica" : "master",
      up: true,
      crashed: false,
      paused: false,
      clockShiftMs: 0,
      diskFull: false,
      master: master?.view.address ?? null,
      masterLink: master ? "connecting" : null,
      replid: "8f2c91d04be7a35516c0de9f13b2a7740e5d6c1f".replace(/^./, master ? String(id) : "8"),
      replid2: "0".repeat(40),
      offset: 0,
      backlog: null,
      replicas: [],
      keys: 0,
      clients: 0,
      blocked: 0,
    };
    const node = { view, data: new Map<string, string>() };
    this.#nodes.push(node);
    if (!master) return;
    this.#links.push({ id: this.#links.length, from: master.view.id, to: id, latencyUs: this.options.latencyUs, jitterUs: 0, cut: null, stalled: false });
    this.#at(this.#nowUs + id * 30_000, () => this.#connect(node, master));
  }

  #connect(node: FakeNode, master: FakeNode): void {
    const steps: [FakeNode, FakeNode, PacketKind, string, string][] = [
      [node, master, "connect", "connect", ""],
      [node, master, "handshake", "PING", "*1\r\n$4\r\nPING\r\n"],
      [master, node, "handshake", "+PONG", "+PONG\r\n"],
      [node, master, "handshake", "REPLCONF listening-port 6379", "*3\r\n$8\r\nREPLCONF\r\n$14\r\nlistening-port\r\n$4\r\n6379\r\n"],
      [master, node, "handshake", "+OK", "+OK\r\n"],
      [node, master, "sync", "PSYNC ? -1", "*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n"],
      [master, node, "sync", "+FULLRESYNC", `+FULLRESYNC ${master.view.replid} ${master.view.offset}\r\n`],
      [master, node, "rdb", "RDB 176 B", "$176\r\nREDIS0011" + "\u0001xyz".repeat(40)],
    ];
    const go = (index: number): void => {
      const step = steps[index];
      if (!step) return this.#online(node, master);
      node.view.masterLink = index === 0 ? "connecting" : index < 6 ? "handshake" : "sync";
      this.#send(...step, () => go(index + 1), "The replica has no history of this master, so it asks for everything.");
    };
    go(0);
  }

  #online(node: FakeNode, master: FakeNode): void {
    node.view.masterLink = "connected";
    node.view.replid = master.view.replid;
    node.view.offset = master.view.offset;
    node.data = new Map(master.data);
    master.view.backlog ??= { firstOffset: 1, length: 0, size: 1_048_576 };
    master.view.replicas.push({ address: node.view.address, state: "online", ackOffset: node.view.offset });
    this.#say({ atUs: this.#nowUs, kind: "log", node: node.view.id, level: "notice", text: "MASTER <-> REPLICA sync: Finished with success" });
    this.#every(SECOND, () => this.#ack(node, master));
  }

  #ack(node: FakeNode, master: FakeNode): void {
    const { offset } = node.view;
    const raw = `*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$${String(offset).length}\r\n${offset}\r\n`;
    this.#send(node, master, "ack", `ACK ${offset}`, raw, () => {
      const known = master.view.replicas.find(({ address }) => address === node.view.address);
      if (known) known.ackOffset = offset;
      this.#checkWaits();
    });
  }

  #stream(raw: string, kind: PacketKind, label: string, apply: (node: FakeNode) => void = () => {}): void {
    const master = this.#nodes[0];
    if (!master) return;
    const start = master.view.offset;
    master.view.offset += raw.length;
    if (master.view.backlog) master.view.backlog.length = master.view.offset;
    for (const node of this.#nodes.slice(1)) {
      if (node.view.masterLink !== "connected") continue;
      const arrived = () => {
        node.view.offset = start + raw.length;
        apply(node);
        if (kind === "stream") this.#say({ atUs: this.#nowUs, kind: "command", node: node.view.id, source: "master", text: label });
        if (label === "GETACK") this.#ack(node, master);
      };
      this.#send(master, node, kind, label, raw, arrived, "A client changed the data, and the master passes the same command on.", { start, end: start + raw.length });
    }
  }

  // Clients

  #interrupt(id: ClientId): void {
    this.#waits = this.#waits.filter(({ client }) => client !== id);
    const client = this.#clients.get(id);
    if (client) this.#clients.set(id, { ...client, waiting: false, blockedOn: null });
  }

  #openClient(node: number): void {
    const address = this.#nodes[node]?.view.address;
    const id = this.#nextId++;
    if (address) this.#clients.set(id, { id, node, prompt: `${address}> `, waiting: false, blockedOn: null, streams: null, protocol: 2 });
  }

  #type(id: ClientId, line: string): void {
    const client = this.#clients.get(id);
    const node = client && this.#nodes[client.node];
    if (!node) return;
    if (line === "TRAP") throw new Error("unreachable executed");
    this.#say({ atUs: this.#nowUs, kind: "command", node: node.view.id, source: "client", text: line });
    const words = line.split(/\s+/);
    const name = (words[0] ?? "").toUpperCase();
    if (name === "WAIT" && node.view.role === "master") return this.#wait(client, Number(words[1]), Number(words[2]));
    const reply = this.#call(node, name, words.slice(1));
    this.#reply(id, reply);
  }

  #call(node: FakeNode, name: string, [key = "", value = ""]: string[]): string {
    if (name === "PING") return "PONG";
    if (name === "GET") return node.data.has(key) ? JSON.stringify(node.data.get(key)) : "(nil)";
    if (name === "DBSIZE") return `(integer) ${node.data.size}`;
    if (name === "INFO") return `# Replication\nrole:${node.view.role === "replica" ? "slave" : "master"}\nconnected_slaves:${node.view.replicas.length}\nmaster_replid:${node.view.replid}\nmaster_repl_offset:${node.view.offset}`;
    if (name !== "SET") return `(error) ERR unknown command '${name}', with args beginning with: `;
    if (node.view.role === "replica") return "(error) READONLY You can't write against a read only replica.";
    if (value === "") return "(error) ERR wrong number of arguments for 'set' command";
    node.data.set(key, value);
    this.#stream(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`, "stream", `SET ${key} ${value}`, ({ data }) => data.set(key, value));
    return "OK";
  }

  #wait(client: ClientView, wants: number, timeoutMs: number): void {
    const master = this.#nodes[0];
    if (!master) return;
    const wait = { client: client.id, wants, offset: master.view.offset, sinceUs: this.#nowUs };
    client.waiting = true;
    client.blockedOn = "WAIT";
    master.view.blocked++;
    this.#waits.push(wait);
    this.#stream("*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n", "stream", "GETACK");
    if (timeoutMs > 0) this.#at(this.#nowUs + timeoutMs * 1000, () => this.#endWait(wait));
    this.#checkWaits();
  }

  #checkWaits(): void {
    for (const wait of [...this.#waits]) if (this.#acked(wait.offset) >= wait.wants) this.#endWait(wait);
  }

  #endWait(wait: Waiting): void {
    const client = this.#clients.get(wait.client);
    const master = this.#nodes[0];
    if (!this.#waits.includes(wait) || !client || !master) return;
    this.#waits = this.#waits.filter((other) => other !== wait);
    client.waiting = false;
    client.blockedOn = null;
    master.view.blocked--;
    this.#reply(wait.client, `(integer) ${this.#acked(wait.offset)}`, this.#nowUs - wait.sinceUs);
  }

  #acked(offset: number): number {
    return this.#nodes[0]?.view.replicas.filter(({ ackOffset }) => ackOffset >= offset).length ?? 0;
  }

  #reply(client: ClientId, text: string, elapsedUs = 0): void {
    this.#say({ atUs: this.#nowUs, kind: "reply", client, text: `${text}\n`, isError: text.startsWith("(error)"), elapsedUs });
  }
}

function partsOf(raw: string): PacketDetail["parts"] {
  const parts: PacketDetail["parts"] = [];
  let start = 0;
  for (const line of raw.split(/(?<=\r\n)/)) {
    const end = start + line.length;
    const meaning = line.startsWith("*") ? `an array of ${parseInt(line.slice(1))}` : line.startsWith("$") ? `a string of ${parseInt(line.slice(1))} bytes` : "its bytes";
    if (end > start) parts.push({ start, end, meaning });
    start = end;
  }
  return parts;
}
