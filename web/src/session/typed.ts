/** What the page itself understands of a typed or pasted line; all else is the engine's. */

/** redis-cli's own commands, which never reach a server. */
export type Typed = { kind: "clear" } | { kind: "nothing" } | { kind: "send"; line: string; times: number };

/** More would freeze the reader, not the engine. */
const TIMES_MAX = 1000;

/** `5 INCR x` runs five times, as in redis-cli. */
export function understand(line: string): Typed {
  const text = line.trim();
  if (text === "") return { kind: "nothing" };
  if (/^clear$/i.test(text)) return { kind: "clear" };
  const repeated = /^(\d+)\s+(\S.*)$/.exec(text);
  if (!repeated) return { kind: "send", line: text, times: 1 };
  return { kind: "send", line: repeated[2] ?? "", times: Math.min(Number(repeated[1]), TIMES_MAX) };
}

/**
 * Pasted text as lines to run and the unfinished rest. Prompts, as documents
 * print them, fall away: "redis> ", "127.0.0.1:6379[1]> ", "> ".
 */
export function pasted(text: string): { lines: string[]; rest: string } {
  const lines = text.replace(/\r\n?/g, "\n").split("\n").map((line) => line.replace(PROMPT, ""));
  const rest = lines.pop() ?? "";
  return { lines: lines.filter((line) => line.trim() !== ""), rest };
}

const PROMPT = /^\s*(?:redis|not connected|[\w.-]+:\d+)?(?:\[\d+\])?(?:\((?:TX|subscribed mode)\))?> /i;
