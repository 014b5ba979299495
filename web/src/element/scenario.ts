/**
 * A scenario is the engine's own script of a world: what it began with, and what
 * was done when. Its lines are the engine's to read; this only takes them apart.
 */

export interface Scenario {
  /** How the world begins: a script of its own that does nothing. */
  head: string;
  steps: readonly Step[];
  endUs: number;
}

export interface Step {
  atUs: number;
  /** As the engine reads it: `type 1 SET k v`. */
  line: string;
}

/** Throws when the text is no scenario; names the line. */
export function readScenario(text: string): Scenario {
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trimEnd() !== "redarium-script 1") throw new Error("This is no scenario: its first line is another.");
  const head = lines.filter((line) => !line.startsWith("@"));
  const steps: Step[] = [];
  lines.forEach((line, index) => {
    if (!line.startsWith("@")) return;
    const [, digits, rest = ""] = /^@(\d+) (.+)$/.exec(line) ?? [];
    const atUs = Number(digits);
    if (digits === undefined || atUs < (steps.at(-1)?.atUs ?? 0)) throw new Error(`Line ${index + 1} of the scenario cannot be read: ${line}`);
    steps.push({ atUs, line: rest });
  });
  const endUs = steps.at(-1)?.atUs ?? 0;
  return { head: `${head.join("\n")}\n`, steps: steps.filter(({ line }) => line !== "end"), endUs };
}

/** What a step types at a terminal; null when it does something else. */
export function typedAt(client: number, { line }: Step): string | null {
  const start = `type ${client} `;
  return line.startsWith(start) ? line.slice(start.length) : null;
}

/** One way between any two nodes; as `redarium verify` has it, since WAIT's answers depend on it. */
export const LATENCY_US = 5_000;
