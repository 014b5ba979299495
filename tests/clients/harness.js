// What the scripts of both clients share: the server's address, and parts that run one after another.

export const port = Number(process.argv[2]);
export const password = process.argv[3];

/**
 * Runs each part on an empty server and prints its name once it held.
 * @param {() => Promise<unknown>} empty drops all data
 * @param {Record<string, () => Promise<void>>} parts
 */
export async function run(empty, parts) {
  for (const [name, part] of Object.entries(parts)) {
    await empty();
    await part();
    console.log(name);
  }
  // Clients that are still connected would keep the process alive.
  process.exit(0);
}

/** Resolves with what `arrange` hands to its argument. */
export function once(arrange) {
  return new Promise((resolve) => arrange((...values) => resolve(values)));
}
