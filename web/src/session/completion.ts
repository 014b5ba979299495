/** Walking through what can take the place of a line's last word, as Tab does in redis-cli. */

export class Completion {
  #before = "";
  #words: readonly string[] = [];
  #at = -1;
  /** What was put into the line last: as long as it stands there, Tab goes on. */
  #shown: string | null = null;

  /** The line with the next word (or with a `step` of -1 the one before); null when there is none. */
  next(line: string, words: readonly string[], step: 1 | -1 = 1): string | null {
    if (line !== this.#shown) this.#begin(line, words);
    if (this.#words.length === 0) return null;
    this.#at = (this.#at + step + this.#words.length) % this.#words.length;
    // A single word is done with; among several the choice is still open.
    const end = this.#words.length === 1 ? " " : "";
    this.#shown = this.#before + this.#words[this.#at] + end;
    return this.#shown;
  }

  /** Whether `line` is one that Tab made, so that Tab goes on from it. */
  holds(line: string): boolean {
    return line === this.#shown && this.#words.length > 1;
  }

  #begin(line: string, words: readonly string[]): void {
    this.#before = line.replace(/\S*$/, "");
    this.#words = words;
    this.#at = -1;
  }
}
