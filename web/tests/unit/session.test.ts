import { beforeEach, expect, test, vi } from "vitest";
import type { WorkerLike } from "../../src/engine/client.ts";
import { Host } from "../../src/engine/host.ts";
import type { FromWorker, ToWorker } from "../../src/engine/protocol.ts";
import { Session } from "../../src/session/session.ts";
import type { Terminal } from "../../src/session/terminal.ts";
import { FakeWorld } from "../fake-world.ts";

/** A worker that answers in the next microtask. */
function worker(): WorkerLike {
  const self: WorkerLike = { onmessage: null, onerror: null, terminate: () => {}, postMessage: (message: ToWorker) => queueMicrotask(() => host.handle(message)) };
  const host = new Host((made) => new FakeWorld(made), (data) => self.onmessage?.({ data } as MessageEvent<FromWorker>));
  return self;
}

const answered = () => new Promise((resolve) => setTimeout(resolve));

let session: Session;
let realMs: number;

/** Lets virtual time pass. */
async function pass(seconds: number): Promise<void> {
  session.setSpeed(10);
  for (let ticks = 0; ticks <= seconds; ticks++) {
    session.tick((realMs += 100));
    await answered();
  }
}

function terminal(node: number): Terminal {
  const found = session.terminals.find((other) => other.node === node);
  if (!found) throw new Error(`node ${node} has no terminal`);
  return found;
}

function transcript({ lines }: Terminal): string[] {
  return lines.map(({ prompt, text }) => prompt + text);
}

beforeEach(async () => {
  vi.stubGlobal("performance", { now: () => 0 });
  realMs = 0;
  session = new Session(worker);
  await answered();
  await answered();
});

test("every node has a terminal with a client of its own", () => {
  expect(session.terminals.map(({ node, busy }) => ({ node, busy }))).toEqual([0, 1, 2].map((node) => ({ node, busy: false })));
  expect(new Set(session.terminals.map(({ client }) => client)).size).toBe(3);
});

test("lines run one by one, in order", async () => {
  for (const line of ["SET k v", "", "GET k", "NOPE"]) session.submit(terminal(0), line);
  await answered();
  await answered();
  expect(transcript(terminal(0))).toEqual([
    "10.0.0.1:6379> SET k v",
    "OK",
    "10.0.0.1:6379> ",
    "10.0.0.1:6379> GET k",
    '"v"',
    "10.0.0.1:6379> NOPE",
    "(error) ERR unknown command 'NOPE', with args beginning with: ",
  ]);
});

test("a blocked command waits while time stands, and what is typed meanwhile runs after it", async () => {
  await pass(3);
  session.togglePlaying();
  session.submit(terminal(0), "SET k v");
  session.submit(terminal(0), "WAIT 2 1000");
  session.submit(terminal(0), "GET k");
  for (let i = 0; i < 5; i++) await answered();
  expect(terminal(0).waiting?.command).toBe("WAIT");
  expect(terminal(0).queued).toBe(1);
  session.togglePlaying();
  await pass(2);
  expect(terminal(0).waiting).toBeNull();
  expect(transcript(terminal(0)).slice(-3)).toEqual(["(integer) 2", "10.0.0.1:6379> GET k", '"v"']);
});

test("Ctrl-C gives a blocked command up and connects anew", async () => {
  await pass(3);
  session.togglePlaying();
  const old = terminal(0).client;
  session.submit(terminal(0), "WAIT 9 0");
  await answered();
  session.interrupt(terminal(0), "");
  await answered();
  session.submit(terminal(0), "PING");
  await answered();
  expect(terminal(0).client).toBe(old);
  expect(transcript(terminal(0)).slice(-3)).toEqual(["^C", "10.0.0.1:6379> PING", "PONG"]);
  expect(session.view?.clients).toHaveLength(3);
});

test("Ctrl-C at the prompt drops the line", () => {
  session.interrupt(terminal(0), "SET half");
  expect(transcript(terminal(0))).toEqual(["10.0.0.1:6379> SET half^C"]);
});

test("a second client of a node has its own terminal, and closing it closes the client", async () => {
  const second = session.openTerminal(1);
  await answered();
  expect(second?.number).toBe(2);
  expect(session.view?.nodes[1]?.clients).toBe(2);
  if (second) session.closeTerminal(second);
  await answered();
  expect(session.view?.nodes[1]?.clients).toBe(1);
});

test("a new replica gets a terminal", async () => {
  session.do({ kind: "addReplica", of: 0 });
  await answered();
  await answered();
  expect(terminal(3).busy).toBe(false);
});

test("a step pauses and moves to the next thing", async () => {
  const due = session.view?.nextUs;
  session.step();
  await answered();
  expect(session.clock.playing).toBe(false);
  expect(session.clock.virtualUs).toBe(due);
});

test("after a trap the world is built again, and nothing that was typed is lost", async () => {
  session.submit(terminal(0), "SET k v");
  session.submit(terminal(0), "TRAP");
  session.submit(terminal(0), "GET k");
  session.submit(terminal(1), "PING");
  for (let i = 0; i < 6; i++) await answered();
  expect(session.rebuilt?.message).toBe("unreachable executed");
  expect(session.failure).toBeNull();
  expect(terminal(0).draft).toBe("TRAP");
  expect(transcript(terminal(0)).slice(-3)).toEqual(['The engine stopped while running "TRAP".', "10.0.0.1:6379> GET k", '"v"']);
  expect(transcript(terminal(1))).toEqual(["10.0.0.2:6379> PING", "PONG"]);
});

test("an engine that stops as soon as it is built again is given up", async () => {
  session.trap();
  session.trap();
  for (let i = 0; i < 6; i++) await answered();
  expect(session.failure).toBeNull();
  session.trap();
  await answered();
  expect(session.rebuilt).not.toBeNull();
});

test("the log has one entry a packet, with its fate", async () => {
  await pass(3);
  const packets = session.log.filter(({ packet }) => packet);
  expect(new Set(packets.map(({ packet }) => packet?.id)).size).toBe(packets.length);
  expect(packets[0]?.packet?.fate).toBe("arrived");
});

test("a packet stays selected and open after it arrived", async () => {
  await pass(1);
  const id = session.log.find(({ packet }) => packet)?.packet?.id ?? -1;
  session.select({ kind: "packet", id });
  await answered();
  expect(session.detail).toMatchObject({ id });
});

test("what happens to a node shows when it is looked at again", async () => {
  const names = async () => (await session.look("keys", { node: 0, pattern: "", from: 0, count: 10, fresh: true }))?.rows.map((row) => row?.name);
  expect(await names()).toEqual([]);
  const before = session.changes;
  session.submit(terminal(0), "SET k v");
  await answered();
  await answered();
  expect(session.changes).toBeGreaterThan(before);
  expect(await names()).toEqual(["k"]);
});
