/** The worker's entry: messages that come before the engine is loaded wait for it, in order. */

import { Host } from "./host.ts";
import { loadEngine, trySeed } from "./load.ts";
import type { FromWorker, ToWorker, Tried, Try } from "./protocol.ts";

/** Between two pieces of work that can wait, messages come through. */
const TEND_EVERY_MS = 8;

const post = (message: FromWorker | Tried) => self.postMessage(message);
const host = loadEngine().then((make) => new Host(make, post));
let tending = false;

self.onmessage = async (event: MessageEvent<ToWorker | Try>) => {
  try {
    const engine = await host;
    if (event.data.type === "try") {
      const { claim, seed, nodes, commands, plays } = event.data;
      return post({ type: "tried", trial: trySeed(claim, seed, nodes, commands, plays) });
    }
    engine.handle(event.data);
    if (!tending) void tend();
  } catch (error) {
    post({ type: "failed", during: event.data.type, message: `The engine did not load, or has failed: ${String(error)}` });
  }
};

async function tend(): Promise<void> {
  tending = true;
  while ((await host).tend()) await new Promise((resolve) => setTimeout(resolve, TEND_EVERY_MS));
  tending = false;
}
