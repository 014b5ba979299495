/** The element's text content as a transcript: without the indentation and the blank lines that markup adds. */

export function dedent(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n").split("\n").map((line) => line.trimEnd());
  while (lines.length > 0 && lines[0] === "") lines.shift();
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  const indents = lines.filter((line) => line !== "").map((line) => line.length - line.trimStart().length);
  const common = Math.min(...indents);
  return lines.map((line) => line.slice(common)).join("\n");
}

const PROMPT = /^\s*(?:redis|not connected|[\w.-]+:\d+)?(?:\[\d+\])?(?:\([^)]*\))?> \S/m;

/** Whether any line begins with a prompt and a command. */
export function isTranscript(text: string): boolean {
  return PROMPT.test(text);
}

/** One transcript of many: those of the attribute `commands`. */
export function commandLines(commands: string): string[] {
  return commands.split(/[\n;]/).map((line) => line.trim()).filter((line) => line !== "");
}
