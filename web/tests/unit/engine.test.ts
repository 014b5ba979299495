import { expect, test } from "vitest";
import { EngineClient, type EngineFailure, type WorkerLike } from "../../src/engine/client.ts";
import { Host } from "../../src/engine/host.ts";
import { BEGINNING } from "../../src/engine/moment.ts";
import type { FromWorker, ToWorker } from "../../src/engine/protocol.ts";
import type { Input, View, WorldEvent, WorldOptions } from "../../src/engine/types.ts";
import { FakeWorld } from "../fake-world.ts";

const options: WorldOptions = { seed: 1, replicas: 2, latencyUs: 1000 };

/** A worker that runs in this thread, and answers when told to. */
class TestWorker implements WorkerLike {
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  ended = false;
  #inbox: ToWorker[] = [];
  #host = new Host((made) => new FakeWorld(made), (data) => this.onmessage?.({ data } as MessageEvent<FromWorker>));

  postMessage(message: ToWorker): void {
    this.#inbox.push(message);
  }

  terminate(): void {
    this.ended = true;
  }

  get waiting(): string[] {
    return this.#inbox.map(({ type }) => type);
  }

  answer(): void {
    for (const message of this.#inbox.splice(0)) this.#host.handle(message);
  }
}

function rig() {
  const workers: TestWorker[] = [];
  const frames: { frame: { view: View; events: WorldEvent[] }; leapt: boolean }[] = [];
  const hinted: { line: string; words: string[] }[] = [];
  const failures: EngineFailure[] = [];
  const spawn = () => {
    const worker = new TestWorker();
    workers.push(worker);
    return worker;
  };
  const client = new EngineClient(spawn, options, {
    onNews: ({ view, chapters }, { leapt }) => frames.push({ frame: { view, events: chapters.flatMap(({ events }) => events) }, leapt }),
    onFork: () => {},
    onHint: (_client, line, hint) => hinted.push({ line, words: hint.completions }),
    onFailure: (failure) => failures.push(failure),
  });
  const answer = () => workers.at(-1)?.answer();
  return { client, workers, frames, hinted, failures, answer };
}

test("one run is out at a time", () => {
  const { client, workers, answer } = rig();
  client.run(1000, 0);
  client.run(2000, 16);
  expect(workers[0]?.waiting).toEqual(["start", "run"]);
  answer();
  client.run(2000, 32);
  expect(workers[0]?.waiting).toEqual(["run"]);
});

test("a worker that does not come back is given up", () => {
  const { client, workers, failures } = rig();
  for (const realMs of [0, 5000, 9000]) client.run(1000, realMs);
  expect(failures).toEqual([{ message: "it has not answered for 8 seconds", input: null }]);
  expect(workers[0]?.ended).toBe(true);
});

test("inputs are answered by frames and recorded with their time", () => {
  const { client, frames, answer } = rig();
  client.run(5_000_000, 0);
  client.input({ kind: "openClient", node: 0 });
  client.step();
  answer();
  expect(frames).toHaveLength(4);
  expect(client.script.map(({ atUs }) => atUs)).toEqual([5_000_000, 5_000_000]);
  expect(frames[2]?.frame.view.clients).toHaveLength(1);
});

test("a replayed script gives the same world", () => {
  const { client, workers, frames, answer } = rig();
  for (const untilUs of [1_000_000, 3_000_000]) {
    client.run(untilUs, 0);
    answer();
  }
  client.input({ kind: "openClient", node: 0 });
  answer();
  const id = frames.at(-1)?.frame.view.clients[0]?.id ?? -1;
  const inputs: Input[] = [
    { kind: "type", client: id, line: "SET k v" },
    { kind: "cutLink", link: 0 },
    { kind: "type", client: id, line: "WAIT 2 100" },
  ];
  for (const input of inputs) client.input(input);
  client.step();
  answer();
  const before = frames.at(-1)?.frame.view;
  client.rebuild();
  answer();
  expect(workers[0]?.ended).toBe(true);
  expect(frames.at(-1)?.leapt).toBe(true);
  expect(frames.at(-1)?.frame.view).toEqual(before);
});

test("a trap names the input it came from, and a rebuild leaves that out", () => {
  const { client, workers, frames, failures, answer } = rig();
  client.input({ kind: "openClient", node: 0 });
  answer();
  const id = frames.at(-1)?.frame.view.clients[0]?.id ?? -1;
  client.input({ kind: "type", client: id, line: "SET k v" });
  client.input({ kind: "type", client: id, line: "TRAP" });
  answer();
  expect(failures).toEqual([{ message: "unreachable executed", input: { kind: "type", client: id, line: "TRAP" } }]);
  expect(workers[0]?.ended).toBe(true);
  client.rebuild();
  answer();
  expect(failures).toHaveLength(1);
  expect(frames.at(-1)?.frame.view.nodes[0]?.keys).toBe(1);
});

test("a packet is opened by its id, and one nobody knows is null", async () => {
  const { client, frames, answer } = rig();
  client.run(100_000, 0);
  answer();
  const id = frames.at(-1)?.frame.view.packets[0]?.id ?? frames.flatMap(({ frame }) => frame.events).find((event) => event.kind === "packet")?.packet.id ?? -1;
  const known = client.open(id);
  const unknown = client.open(-1);
  answer();
  expect((await known)?.id).toBe(id);
  expect(await unknown).toBeNull();
});

test.each<{ name: string; message: ToWorker }>([
  { name: "a run", message: { type: "run", untilUs: 5 } },
  { name: "an input", message: { type: "input", input: { kind: "openClient", node: 0 } } },
])("$name before the start is a failure, not a crash", ({ message }) => {
  const said: FromWorker[] = [];
  new Host((made) => new FakeWorld(made), (answer) => said.push(answer)).handle(message);
  expect(said).toEqual([{ type: "failed", during: message.type, message: "there is no world" }]);
});

test("a run stops at its budget and says so", () => {
  const said: FromWorker[] = [];
  const host = new Host((made) => new FakeWorld(made), (answer) => said.push(answer));
  host.handle({ type: "start", options, script: [], to: BEGINNING, known: BEGINNING });
  host.handle({ type: "run", untilUs: 1_000_000 * 1_000_000 });
  const ran = said.at(-1);
  expect(ran?.type === "ran" && ran.reachedAll).toBe(false);
});

test("hints come back with the line they are about", () => {
  const { client, hinted, answer } = rig();
  client.hint(1, "g");
  client.hint(1, "w");
  answer();
  expect(hinted).toEqual([
    { line: "g", words: ["GET"] },
    { line: "w", words: ["WAIT"] },
  ]);
});

test("each question about a node gets its own answer, and none when the world goes", async () => {
  const { client, answer } = rig();
  const keys = client.look("keys", { node: 0, pattern: "", from: 0, count: 10, fresh: true });
  const settings = client.look("settings", { node: 0 });
  answer();
  expect((await keys)?.total).toBe(0);
  expect((await settings)?.map(({ name }) => name)).toEqual(["port"]);
  const late = client.look("settings", { node: 0 });
  client.dispose();
  expect(await late).toBeNull();
});
