/** What the page itself understands of a typed or pasted line; all else is the engine's. */

export type Typed = "clear" | "nothing" | "send";

/** `clear` is the terminal's own; quoting, `5 INCR x` and `quit` are understood by the engine's redis-cli. */
export function understand(line: string): Typed {
  const text = line.trim();
  if (text === "") return "nothing";
  return /^clear$/i.test(text) ? "clear" : "send";
}

/** Text as the transcript holds it: lines without the end of the last one. */
export function printed(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
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
