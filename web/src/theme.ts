/** Light, dark, or as the system has it; remembered where the browser lets us. */

export type Theme = "auto" | "light" | "dark";

const KEY = "redarium.theme";
const ORDER: readonly Theme[] = ["auto", "light", "dark"];

export function savedTheme(): Theme {
  try {
    const saved = localStorage.getItem(KEY);
    return ORDER.find((theme) => theme === saved) ?? "auto";
  } catch {
    // A sandboxed frame has no storage; the system's choice is a good one.
    return "auto";
  }
}

export function nextTheme(theme: Theme): Theme {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? "auto";
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // As above: then it lasts as long as the page.
  }
}
