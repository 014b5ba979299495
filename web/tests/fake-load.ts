/** Stands in for engine/load.ts, see vite.fake.config.ts. */

import type { MakeWorld } from "../src/engine/host.ts";
import type { Trial } from "../src/engine/types.ts";
import { FakeWorld } from "./fake-world.ts";

export async function loadEngine(): Promise<MakeWorld> {
  return (options) => new FakeWorld(options);
}

export function trySeed(): Trial {
  return { digest: "", failure: null };
}
