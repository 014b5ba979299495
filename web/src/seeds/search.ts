/** Tries one seed after the other, in a worker of its own, until the world of one breaks a claim. */

import type { Tried, Try } from "../engine/protocol.ts";
import type { Trial } from "../engine/types.ts";

/** The part of `Worker` that is used: tests give their own. */
export interface SeedWorker {
  postMessage(message: Try): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Tried>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export interface Found {
  seed: number;
  /** What was seen, in a sentence. */
  text: string;
  script: string;
}

export interface Search {
  claim: string;
  firstSeed: number;
  /** It held in so many worlds. */
  onHeld: (seeds: number) => void;
  /** This one breaks the claim; its script is being made small. */
  onBroken: (seed: number) => void;
  /** Ends the search, whatever the worker is doing. */
  signal: AbortSignal;
}

/** Three nodes fit any screen; some hundred commands break what can be broken, and are played in the blink of an eye. */
const NODES = 3;
const COMMANDS = 300;
const SHRINK_PLAYS = 400;

/** The seed that breaks the claim; null when the search was ended. Throws when the engine fails. */
export async function findSeed(spawn: () => SeedWorker, { claim, firstSeed, onHeld, onBroken, signal }: Search): Promise<Found | null> {
  const worker = spawn();
  const ended = new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null), { once: true }));
  const ask = (question: Try) => Promise.race([ended, answerOf(worker, question)]);
  try {
    for (let seed = firstSeed; !signal.aborted; seed++) {
      const question = { type: "try", claim, seed, nodes: NODES, commands: COMMANDS } as const;
      const trial = await ask({ ...question, plays: 0 });
      if (!trial) return null;
      if (!trial.failure) {
        onHeld(seed - firstSeed + 1);
        continue;
      }
      onBroken(seed);
      const small = await ask({ ...question, plays: SHRINK_PLAYS });
      return small?.failure ? { seed, text: small.failure.text, script: small.failure.script } : null;
    }
    return null;
  } finally {
    worker.terminate();
  }
}

function answerOf(worker: SeedWorker, question: Try): Promise<Trial> {
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || "the worker stopped"));
    worker.onmessage = ({ data }) => (data.type === "tried" ? resolve(data.trial) : reject(new Error(data.message)));
    worker.postMessage(question);
  });
}
