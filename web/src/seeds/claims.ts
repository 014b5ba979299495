/** What is claimed of fleets (`core/src/sim/campaign/claim.rs`), in plain words. */

export interface Claim {
  /** The engine's name for it. */
  name: string;
  words: string;
}

/** Nobody promises it: some seeds break it. */
export const BELIEVED: readonly Claim[] = [{ name: "acknowledged-is-kept", words: "A write that was acknowledged is never lost" }];

/** The engine promises it: a seed that breaks it has found a bug. */
export const PROMISED: readonly Claim[] = [
  { name: "same-offset-same-data", words: "Nodes at the same offset hold the same data" },
  { name: "log-makes-data", words: "The append-only file makes the data that are in memory" },
  { name: "always-survives", words: "With appendfsync always, an acknowledged write survives a crash" },
  { name: "wait-is-held", words: "WAIT counts replicas that have the write" },
  { name: "transactions-are-whole", words: "Nobody ever sees half a transaction" },
  { name: "queue-is-fair", words: "Who waits first at a list is served first" },
  { name: "deadlines-stay", words: "A key expires at the same instant everywhere" },
  { name: "queues-are-bounded", words: "Every queue stays within its limit" },
  { name: "nodes-stay-up", words: "A node ends only when it is told to" },
  { name: "all-agree-in-the-end", words: "Once faults stop, all nodes come to agree" },
];
