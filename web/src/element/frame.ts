/**
 * What the element shows before the engine is there, and around it: the
 * transcript as text, and the tokens that all else is drawn with. Small, since every
 * page that has an element loads it.
 */

export const FRAME_STYLES = `
:host {
  --rd-ground: var(--redarium-ground, light-dark(oklch(98.8% 0.003 85), oklch(20% 0.015 215)));
  --rd-well: var(--redarium-well, light-dark(#fff, oklch(16.5% 0.012 215)));
  --rd-hover: var(--redarium-hover, light-dark(oklch(94% 0.008 85), oklch(27% 0.018 215)));
  --rd-line: var(--redarium-line, light-dark(oklch(88% 0.008 85), oklch(30% 0.017 215)));
  --rd-ink: var(--redarium-ink, light-dark(oklch(24% 0.018 240), oklch(93% 0.008 200)));
  --rd-ink-2: var(--redarium-ink-2, light-dark(oklch(42% 0.018 240), oklch(77% 0.012 205)));
  --rd-ink-3: var(--redarium-ink-3, light-dark(oklch(51% 0.016 240), oklch(68% 0.014 210)));
  --rd-accent: var(--redarium-accent, light-dark(oklch(53% 0.185 29), oklch(70% 0.165 30)));
  --rd-good: var(--redarium-good, light-dark(oklch(47% 0.1 165), oklch(78% 0.12 165)));
  --rd-warn: var(--redarium-warn, light-dark(oklch(51% 0.125 65), oklch(80% 0.125 80)));
  --rd-focus: var(--redarium-focus, light-dark(oklch(52% 0.16 250), oklch(75% 0.12 235)));
  --rd-mono: var(--redarium-font-mono, ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace);
  --rd-sans: var(--redarium-font-sans, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif);
  --rd-size: var(--redarium-font-size, 0.8125rem);
  --rd-radius: var(--redarium-radius, 6px);
  display: block;
  margin: 1em 0;
  color: var(--rd-ink);
  font: var(--rd-size) / 1.5 var(--rd-sans);
  text-align: start;
}
:host([hidden]) { display: none; }
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
*, *::before, *::after { box-sizing: border-box; }
.container {
  display: flex;
  flex-direction: column;
  overflow: clip;
  border: 1px solid var(--rd-line);
  border-radius: var(--rd-radius);
  background: var(--rd-well);
}
.toolbar {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.125rem;
  min-height: 2.25rem;
  padding: 0 0.375rem;
  border-bottom: 1px solid var(--rd-line);
  background: var(--rd-ground);
}
button {
  min-height: 1.75rem;
  min-width: 1.75rem;
  padding: 0 0.5rem;
  border: 0;
  border-radius: calc(var(--rd-radius) - 2px);
  background: none;
  color: var(--rd-ink-2);
  font: 500 0.75rem / 1 var(--rd-sans);
  cursor: pointer;
}
button:hover { background: var(--rd-hover); color: var(--rd-ink); }
button:disabled { opacity: 0.5; cursor: default; background: none; }
:focus-visible { outline: 2px solid var(--rd-focus); outline-offset: -2px; }
.terminal {
  flex: 1;
  min-height: 0;
  padding: 0.625rem 0.75rem;
  overflow: auto;
  overscroll-behavior: contain;
  scrollbar-width: thin;
  font: var(--rd-size) / 1.55 var(--rd-mono);
  font-variant-ligatures: none;
  tab-size: 4;
}
.static {
  margin: 0;
  font: inherit;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  color: var(--rd-ink-2);
}
.message {
  margin-top: 0.375rem;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--rd-line);
  border-inline-start: 3px solid var(--rd-accent);
  border-radius: var(--rd-radius);
  background: var(--rd-ground);
  color: var(--rd-ink);
  font-size: 0.8125rem;
  overflow-wrap: anywhere;
}
.message p { margin: 0; }
/* As high as the prompt and the hint that will stand there, so that nothing moves then. */
.placeholder { color: var(--rd-ink-3); }
.placeholder:not(:empty) { padding-bottom: 1.125rem; }
@media (pointer: coarse) { button { min-height: 2.25rem; min-width: 2.25rem; } }
@media print { .toolbar, .placeholder { display: none; } }
`;

let shared: CSSStyleSheet | null = null;

/** One style sheet for all elements: constructed, so that a strict policy for styles has nothing to object to. */
export function frameSheet(): CSSStyleSheet {
  if (!shared) {
    shared = new CSSStyleSheet();
    shared.replaceSync(FRAME_STYLES);
  }
  return shared;
}

export interface StaticFrame {
  /** What the engine's view takes the place of. */
  container: HTMLElement;
  /** Where messages appear, in either state. */
  messages: HTMLElement;
  show(text: string, canType: boolean): void;
}

/** Builds the static state; `act` is called by its one control. */
export function staticFrame(root: ShadowRoot, act: () => void): StaticFrame {
  const container = element("div", "container");
  const toolbar = element("div", "toolbar");
  const run = element("button", "");
  run.type = "button";
  run.textContent = "▶ Run";
  run.part.add("button");
  run.addEventListener("click", act);
  toolbar.append(run);
  const terminal = element("div", "terminal");
  const transcript = element("pre", "static");
  const placeholder = element("div", "placeholder");
  placeholder.setAttribute("aria-hidden", "true");
  terminal.append(transcript, placeholder);
  container.append(toolbar, terminal);
  const messages = element("div", "messages");
  root.replaceChildren(container, messages);
  return {
    container,
    messages,
    show(text, canType) {
      transcript.textContent = text;
      placeholder.textContent = canType ? "redis> " : "";
    },
  };
}

/** Says what is wrong, in place of what was said before. */
export function showMessages(place: HTMLElement, texts: readonly string[]): void {
  if (texts.length === 0) return place.replaceChildren();
  const box = element("div", "message");
  box.setAttribute("role", "alert");
  for (const text of texts) box.append(Object.assign(document.createElement("p"), { textContent: text }));
  place.replaceChildren(box);
}

function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, name: string): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (name !== "") {
    made.className = name;
    made.part.add(name);
  }
  return made;
}
