/** What was typed at one prompt, walked with the arrow keys as in redis-cli: the unfinished line is kept at the end. */

/** As redis-cli's own history file. */
const LINES_MAX = 500;

export class History {
  #lines: string[] = [];
  #at = 0;
  #draft = "";

  add(line: string): void {
    if (line !== "" && line !== this.#lines.at(-1)) this.#lines.push(line);
    if (this.#lines.length > LINES_MAX) this.#lines.shift();
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
}
