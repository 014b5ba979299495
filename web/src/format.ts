/** Numbers, times and sizes as the page prints them; tabular, so that a changing figure does not move. */

const GROUPED = new Intl.NumberFormat("en-US");

export function count(value: number): string {
  return GROUPED.format(value);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A point on the virtual time line: "12.482". */
export function clockTime(us: number): string {
  const seconds = us / 1e6;
  if (seconds < 60) return seconds.toFixed(3);
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - minutes * 60).toFixed(3).padStart(6, "0")}`;
}

/** A length of virtual time: "80 µs", "200 ms", "1.2 s". */
export function duration(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${trimmed(us / 1000)} ms`;
  return `${trimmed(us / 1e6)} s`;
}

export function bytes(value: number): string {
  if (value < 10_000) return `${count(value)} B`;
  if (value < 1e6) return `${trimmed(value / 1000)} kB`;
  return `${trimmed(value / 1e6)} MB`;
}

/** A replication id, short enough to compare by eye. */
export function shortId(replid: string): string {
  return replid.slice(0, 8);
}

/** An address without the port everybody has: what the small labels print. */
export function host(address: string): string {
  return address.replace(/:6379$/, "");
}

export function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1))}…`;
}

/** The words of a text, from its first, that fit: a part of the whole, which what is read aloud has to contain. */
export function fitting(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, Math.max(0, text.lastIndexOf(" ", length)));
}

/** What redis-cli adds to a reply that took half a second or more. */
export function elapsedSuffix(us: number): string | null {
  return us >= 500_000 ? `(${(us / 1e6).toFixed(2)}s)` : null;
}

function trimmed(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : GROUPED.format(Math.round(value));
}
