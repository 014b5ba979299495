/** The worker's entry: messages that come before the engine is loaded wait for it, in order. */

import { Host } from "./host.ts";
import { loadEngine } from "./load.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

const post = (message: FromWorker) => self.postMessage(message);
const host = loadEngine().then((make) => new Host(make, post));

self.onmessage = async (event: MessageEvent<ToWorker>) => {
  try {
    (await host).handle(event.data);
  } catch (error) {
    post({ type: "failed", during: event.data.type, message: `The engine did not load: ${String(error)}` });
  }
};
