/**
 * What was typed at one prompt, walked with the arrow keys as in redis-cli: the
 * unfinished line is kept at the end. All prompts begin with what was typed in
 * earlier visits, where the browser keeps that for us.
 */

/** As redis-cli's own history file. */
const LINES_MAX = 500;

const KEY = "redarium.history";

export class History {
  readonly #lines: string[];
  #at: number;
  #draft = "";

  constructor(lines: readonly string[] = []) {
    this.#lines = [...lines];
    this.#at = lines.length;
  }

  add(line: string): void {
    append(this.#lines, line);
    this.#at = this.#lines.length;
    this.#draft = "";
  }

  /** The line before the one shown; null at the oldest. */
  older(shown: string): string | null {
    if (this.#at === 0) return null;
    if (this.#at === this.#lines.length) this.#draft = shown;
    this.#at -= 1;
    return this.#lines[this.#at] ?? null;
  }

  /** The line after the one shown; null at the newest. */
  newer(): string | null {
    if (this.#at >= this.#lines.length) return null;
    this.#at += 1;
    return this.#lines[this.#at] ?? this.#draft;
  }

  /** The newest line that holds `text`, passing over so many that do; null when there is none. */
  search(text: string, passOver: number): string | null {
    if (text === "") return null;
    const found = [...new Set(this.#lines.toReversed())].filter((line) => line.includes(text));
    return found[passOver] ?? null;
  }
}

/** What earlier visits left. */
export function savedLines(): readonly string[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(saved) ? saved.filter((line) => typeof line === "string").slice(-LINES_MAX) : [];
  } catch {
    // A sandboxed frame has no storage, and what is there may be anybody's: then history begins today.
    return [];
  }
}

/** Keeps a line for later visits, unless it holds a password. */
export function saveLine(line: string): void {
  if (/^\s*(auth|hello|acl|config\s+set|migrate)\b/i.test(line)) return;
  const lines = [...savedLines()];
  append(lines, line);
  try {
    localStorage.setItem(KEY, JSON.stringify(lines));
  } catch {
    // As above: then it lasts as long as the page.
  }
}

function append(lines: string[], line: string): void {
  if (line !== "" && line !== lines.at(-1)) lines.push(line);
  if (lines.length > LINES_MAX) lines.shift();
}
