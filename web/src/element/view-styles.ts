/** The live element's styles, beside those of its frame. */

export const VIEW_STYLES = `
.terminal { cursor: text; }
.row { white-space: pre-wrap; overflow-wrap: anywhere; }
.row.ahead .output { color: var(--rd-ink-3); }
.row.done .output, .row.running .output { color: var(--rd-ink-2); }
.prompt { color: var(--rd-ink-3); white-space: pre; }
.command { color: var(--rd-ink); }
.row .output.error { color: var(--rd-accent); }
.mark { float: right; margin-inline-start: 0.75rem; font: 500 0.75rem / 1.6 var(--rd-sans); user-select: none; }
.mark.same { color: var(--rd-good); }
.mark.other { color: var(--rd-warn); }
.expected { margin: 0.125rem 0 0.25rem; padding-inline-start: 0.625rem; border-inline-start: 2px solid var(--rd-warn); color: var(--rd-ink-3); }
.expected b { display: block; color: var(--rd-warn); font: 500 0.75rem / 1.5 var(--rd-sans); }
.line { display: flex; }
input { flex: 1; min-width: 0; padding: 0; border: 0; background: none; color: var(--rd-ink); font: inherit; caret-color: var(--rd-accent); }
.terminal:focus-within { box-shadow: inset 2px 0 0 var(--rd-focus); }
input:focus-visible { outline: none; }
.waiting { color: var(--rd-warn); }
.hint { min-height: 1.5em; color: var(--rd-ink-3); font-size: 0.75rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.hint b { color: var(--rd-ink-2); font-weight: 600; }
.verdict { margin-inline-start: auto; padding: 0 0.375rem; color: var(--rd-ink-3); font-size: 0.75rem; }
.verdict.same { color: var(--rd-good); }
.verdict.other { color: var(--rd-warn); }
.clock { padding: 0 0.375rem; color: var(--rd-ink-3); font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.fleet { border-top: 1px solid var(--rd-line); background: var(--rd-ground); }
.fleet svg { display: block; width: 100%; height: auto; }
.fleet .road { fill: none; stroke: var(--rd-line); stroke-width: 2; }
.fleet .road.cut { stroke: var(--rd-warn); stroke-dasharray: 3 4; }
.fleet .card { fill: var(--rd-well); stroke: var(--rd-line); }
.fleet .node.master .card { stroke: var(--rd-accent); }
.fleet .node.down { opacity: 0.5; }
.fleet text { fill: var(--rd-ink-2); font: 11px / 1 var(--rd-sans); font-variant-numeric: tabular-nums; }
.fleet .address { fill: var(--rd-ink); font-family: var(--rd-mono); font-weight: 600; }
.fleet .figure { fill: var(--rd-ink-3); }
.fleet .packet { fill: var(--rd-accent); }
.fleet .packet.quiet { fill: var(--rd-ink-3); }
.fleet .label { fill: var(--rd-ink); font: 10px / 1 var(--rd-mono); text-anchor: middle; paint-order: stroke; stroke: var(--rd-ground); stroke-width: 3px; }
@media (pointer: coarse) { input { font-size: 16px; } }
`;
