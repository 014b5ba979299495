/** The page's icons: 16 by 16, one stroke. Decoration: the control that holds one has the name. */

import { svg, html, type SVGTemplateResult, type TemplateResult } from "lit";

function icon(shape: SVGTemplateResult): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>`;
}

export const icons = {
  play: icon(svg`<path d="M5 3.2v9.6l7.6-4.8z" fill="currentColor"/>`),
  pause: icon(svg`<path d="M5 3.5v9M11 3.5v9" stroke-width="2.4"/>`),
  step: icon(svg`<path d="M3.5 4v8l6-4z" fill="currentColor"/><path d="M12.5 3.8v8.4" stroke-width="2"/>`),
  skip: icon(svg`<path d="M2.5 4.5v7l4.5-3.5zM8 4.5v7l4.5-3.5z" fill="currentColor"/>`),
  undo: icon(svg`<path d="M6 3L3 6l3 3M3.2 6H9.5a3.5 3.5 0 0 1 0 7H6.5"/>`),
  redo: icon(svg`<path d="M10 3l3 3-3 3M12.8 6H6.5a3.5 3.5 0 0 0 0 7H9.5"/>`),
  slow: icon(svg`<path d="M2 11.5c1.5 0 1.5-7 3-7s1.5 7 3 7 1.5-7 3-7 1.5 7 3 7"/>`),
  restart: icon(svg`<path d="M3 8a5 5 0 1 0 1.6-3.7M3 2.8v2.7h2.7"/>`),
  open: icon(svg`<path d="M2.5 12.5v-9h4l1.5 2h5.5v7z"/>`),
  share: icon(svg`<circle cx="4" cy="8" r="1.8"/><circle cx="12" cy="3.8" r="1.8"/><circle cx="12" cy="12.2" r="1.8"/><path d="M5.6 7.2l4.8-2.6M5.6 8.8l4.8 2.6"/>`),
  plus: icon(svg`<path d="M8 3.5v9M3.5 8h9"/>`),
  close: icon(svg`<path d="M4.5 4.5l7 7M11.5 4.5l-7 7"/>`),
  light: icon(svg`<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1"/>`),
  dark: icon(svg`<path d="M13 9.6A5.3 5.3 0 0 1 6.4 3a5.3 5.3 0 1 0 6.6 6.6z"/>`),
  auto: icon(svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor"/>`),
} as const;

export const brand = html`<svg viewBox="0 0 32 32" width="20" height="20" fill="none" stroke="var(--rd-accent)" stroke-width="2.5" aria-hidden="true">
  <path d="M10 16C17 16 16 7 23 7M10 16C17 16 16 25 23 25" />
  <circle cx="9" cy="16" r="6" fill="var(--rd-accent)" />
  <circle cx="24" cy="7" r="4" fill="var(--rd-panel)" />
  <circle cx="24" cy="25" r="4" fill="var(--rd-panel)" />
</svg>`;
