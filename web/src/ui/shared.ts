/** What every component shares: the look of controls and panels, and a typed way to send an event up. */

import { css } from "lit";

/** Events that components send up to the page; the page is the only listener. */
export interface RdEvents {
  "rd-toggle-playing": undefined;
  "rd-step": undefined;
  "rd-speed": number;
  /** Microseconds to go on. */
  "rd-advance": number;
  /** The time to go to, in microseconds. */
  "rd-seek": number;
  "rd-undo": undefined;
  "rd-play-until": number;
  "rd-new-fleet": import("../engine/types.ts").WorldOptions;
  "rd-open-story": import("../engine/script-text.ts").Story;
  "rd-open-tale": import("../gallery/tale.ts").Tale;
  "rd-end-tale": undefined;
  "rd-turn": import("../engine/client.ts").Future;
  "rd-restart": undefined;
  "rd-do": import("../engine/types.ts").Input;
  "rd-select": import("../session/session.ts").Selection | null;
  "rd-try": string;
  /** Runs a line in a terminal of this node, as if it had been typed there. */
  "rd-run": { node: import("../engine/types.ts").NodeId; line: string };
  "rd-show-terminal": import("../engine/types.ts").NodeId;
  "rd-open-terminal": import("../engine/types.ts").NodeId;
  "rd-close-terminal": import("../session/terminal.ts").Terminal;
  "rd-submit": { terminal: import("../session/terminal.ts").Terminal; line: string };
  "rd-interrupt": { terminal: import("../session/terminal.ts").Terminal; typed: string };
  "rd-edit": { terminal: import("../session/terminal.ts").Terminal; line: string };
  "rd-clear": import("../session/terminal.ts").Terminal;
  "rd-show-bytes": { terminal: import("../session/terminal.ts").Terminal; shows: boolean };
  "rd-pick": number;
  /** Whether requests and replies are logged. */
  "rd-overhear": boolean;
  "rd-export-log": readonly import("../session/log.ts").LogEntry[];
}

export function emit<Name extends keyof RdEvents>(from: EventTarget, name: Name, detail: RdEvents[Name]): void {
  from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}

export type RdEvent<Name extends keyof RdEvents> = CustomEvent<RdEvents[Name]>;

export const controls = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  [hidden] {
    display: none !important;
  }

  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }

  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--rd-1);
    min-height: var(--rd-touch);
    min-width: var(--rd-touch);
    padding: 0 var(--rd-2);
    border: 1px solid transparent;
    border-radius: var(--rd-radius);
    background: none;
    color: var(--rd-ink-2);
    font-size: var(--rd-text-s);
    font-weight: 500;
    white-space: nowrap;
    cursor: pointer;
    transition:
      background-color var(--rd-quick),
      color var(--rd-quick);
  }

  button:hover {
    background: var(--rd-hover);
    color: var(--rd-ink);
  }

  button.outlined {
    border-color: var(--rd-line-strong);
    background: var(--rd-raised);
    color: var(--rd-ink);
  }

  button.outlined:hover {
    background: var(--rd-hover);
  }

  button.icon {
    padding: 0;
  }

  button[aria-pressed="true"] {
    background: var(--rd-hover);
    color: var(--rd-ink);
  }

  button:disabled {
    opacity: 0.5;
    cursor: default;
  }

  :focus-visible {
    outline: 2px solid var(--rd-focus);
    outline-offset: 1px;
  }

  svg.icon {
    width: 1rem;
    height: 1rem;
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.5;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  input[type="range"] {
    appearance: none;
    height: var(--rd-touch);
    margin: 0;
    background: none;
    cursor: pointer;
  }

  input[type="range"]::-webkit-slider-runnable-track {
    height: 3px;
    border-radius: 2px;
    background: var(--rd-line-strong);
  }

  input[type="range"]::-moz-range-track {
    height: 3px;
    border-radius: 2px;
    background: var(--rd-line-strong);
  }

  input[type="range"]::-webkit-slider-thumb {
    appearance: none;
    width: 13px;
    height: 13px;
    margin-top: -5px;
    border: 2px solid var(--rd-panel);
    border-radius: 50%;
    background: var(--rd-ink);
    box-shadow: 0 0 0 1px var(--rd-line-strong);
  }

  input[type="range"]::-moz-range-thumb {
    width: 9px;
    height: 9px;
    border: 2px solid var(--rd-panel);
    border-radius: 50%;
    background: var(--rd-ink);
  }

  .mono {
    font-family: var(--rd-mono);
    font-variant-ligatures: none;
  }

  .dim {
    color: var(--rd-ink-3);
  }

  .figures {
    font-variant-numeric: tabular-nums;
  }

  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** A region with a title bar and a body that fills the rest. */
export const panel = css`
  :host {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    background: var(--rd-panel);
  }

  .bar {
    display: flex;
    align-items: center;
    gap: var(--rd-2);
    flex: none;
    min-height: var(--rd-bar);
    padding: 0 var(--rd-2) 0 var(--rd-3);
    border-bottom: 1px solid var(--rd-line);
  }

  .bar h2 {
    margin: 0;
    font-size: var(--rd-text-s);
    font-weight: 600;
    white-space: nowrap;
  }

  .bar .about {
    color: var(--rd-ink-3);
    font-size: var(--rd-text-s);
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .bar .end {
    margin-left: auto;
    display: flex;
    align-items: center;
    gap: var(--rd-1);
  }

  .scroll {
    flex: 1;
    min-height: 0;
    overflow: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--rd-line-strong) transparent;
  }
`;

/** A bar over a table or a list: a field to look for something, and how much was found. */
export const lookup = css`
  :host {
    display: block;
  }

  .bar {
    display: flex;
    align-items: center;
    gap: var(--rd-2);
    margin-bottom: var(--rd-2);
  }

  input {
    min-width: 0;
    height: var(--rd-touch);
    padding: 0 var(--rd-2);
    border: 1px solid var(--rd-line);
    border-radius: var(--rd-radius);
    background: var(--rd-well);
    font-family: var(--rd-mono);
  }

  input[type="search"] {
    flex: 1;
  }

  input::placeholder {
    color: var(--rd-ink-3);
    font-family: var(--rd-sans);
  }

  p {
    margin: 0;
    color: var(--rd-ink-3);
    font-size: var(--rd-text-s);
  }
`;

/** A list inside a panel that scrolls by itself, and its rows. */
export const list = css`
  .list {
    overflow: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--rd-line-strong) transparent;
  }

  [role="option"] {
    padding: 0 var(--rd-2);
    cursor: pointer;
  }

  [role="option"]:hover {
    background: var(--rd-hover);
  }

  [role="option"][aria-selected="true"] {
    background: var(--rd-accent-soft);
  }
`;

/** A strip of controls beside each other. */
export const strip = css`
  :host {
    display: flex;
    align-items: center;
    gap: var(--rd-3);
    min-width: 0;
  }

  .note {
    color: var(--rd-ink-3);
    font-size: var(--rd-text-s);
    white-space: nowrap;
  }
`;

/** On a phone: which panel is shown beside, or instead of, the others. Its place is the grid area `switch`. */
export const panelSwitch = css`
  .switch {
    display: none;
    grid-area: switch;
    background: var(--rd-panel);
  }

  .switch button {
    position: relative;
    flex: 1;
    min-height: var(--rd-bar);
    border-radius: 0;
  }

  .switch button[aria-pressed="true"] {
    background: none;
  }

  .switch button[aria-pressed="true"]::after {
    content: "";
    position: absolute;
    inset: auto 0 0;
    height: 2px;
    background: var(--rd-accent);
  }
`;
