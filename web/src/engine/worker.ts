/** The worker's entry: messages that come before the engine is loaded wait for it, in order. */

import { Host } from "./host.ts";
import { loadEngine } from "./load.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** Between two pieces of work that can wait, messages come through. */
const TEND_EVERY_MS = 8;

const post = (message: FromWorker) => self.postMessage(message);
const host = loadEngine().then((make) => new Host(make, post));
let tending = false;

self.onmessage = async (event: MessageEvent<ToWorker>) => {
  try {
    (await host).handle(event.data);
    if (!tending) void tend();
  } catch (error) {
    post({ type: "failed", during: event.data.type, message: `The engine did not load: ${String(error)}` });
  }
};

async function tend(): Promise<void> {
  tending = true;
  while ((await host).tend()) await new Promise((resolve) => setTimeout(resolve, TEND_EVERY_MS));
  tending = false;
}
