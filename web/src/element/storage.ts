/** What an element keeps for the next visit, where the browser lets it. */

const PREFIX = "redarium.playground.";

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    // A sandboxed frame has no storage: then every visit is the first.
    return null;
  }
}

/** Returns what went wrong, as a sentence for people. */
export function keep(name: string, text: string): string | null {
  try {
    localStorage.setItem(PREFIX + name, text);
    return null;
  } catch (error) {
    const full = error instanceof DOMException && error.name === "QuotaExceededError";
    return full ? "This browser has no more room to keep what was done here." : null;
  }
}

export function forgotten(name: string): void {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // As above: there is nothing to forget.
  }
}
