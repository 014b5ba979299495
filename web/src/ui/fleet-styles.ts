/** How the picture of the fleet looks. Sizes are in the picture's own units. */

import { css } from "lit";

export const fleetStyles = css`
  .stage {
    flex: 1;
    min-height: 0;
    overflow: auto;
    scrollbar-width: thin;
    background: var(--rd-ground);
    user-select: none;
  }

  .stage > svg {
    display: block;
  }

  .shows {
    display: flex;
  }

  .stage text {
    font-family: var(--rd-sans);
    fill: var(--rd-ink-2);
    font-size: 12px;
  }

  [role="button"] {
    cursor: pointer;
    outline: none;
  }

  /* Nodes */
  .card {
    fill: var(--rd-raised);
    stroke: var(--rd-line-strong);
  }

  .master .card {
    stroke: var(--rd-accent);
    stroke-width: 1.5;
  }

  .node {
    touch-action: none;
  }

  .node:hover .card {
    fill: var(--rd-hover);
  }

  .node[data-selected] .card {
    stroke: var(--rd-ink);
    stroke-width: 2;
  }

  .node:focus-visible .card,
  .plate:focus-visible rect,
  .packet:focus-visible .hit[rx] {
    stroke: var(--rd-focus);
    stroke-width: 2.5;
  }

  .dot {
    fill: none;
    stroke: var(--rd-ink-3);
    stroke-width: 2;
  }

  .master .dot {
    fill: var(--rd-accent);
    stroke: var(--rd-accent);
  }

  .stage .address {
    font: 600 13px var(--rd-mono);
    fill: var(--rd-ink);
  }

  .stage .port,
  .stage .role,
  .stage .facts {
    fill: var(--rd-ink-3);
  }

  .master .role {
    fill: var(--rd-accent);
  }

  .stage .offset {
    font: 500 15px var(--rd-mono);
    fill: var(--rd-ink);
  }

  .stage .unit {
    font: 11px var(--rd-sans);
    fill: var(--rd-ink-3);
  }

  .stage .lag,
  .stage .id {
    font: 11px var(--rd-mono);
  }

  .stage .state {
    fill: var(--rd-warn);
    font-weight: 500;
  }

  .stage .command {
    font: 11px var(--rd-mono);
    fill: var(--rd-ink-2);
    animation: arrive 1.2s ease-out;
  }

  .track {
    fill: var(--rd-line);
  }

  .fill {
    fill: var(--rd-kind-ack);
  }

  .master .fill {
    fill: var(--rd-accent);
  }

  @keyframes arrive {
    from {
      fill: var(--rd-accent);
    }
  }

  /* Links */
  .road {
    fill: none;
    stroke: var(--rd-road);
    cursor: pointer;
  }

  .road:hover {
    stroke: var(--rd-hover);
  }

  .middle {
    fill: none;
    pointer-events: none;
    stroke: var(--rd-line-strong);
    stroke-width: 1;
  }

  .link[data-selected] .middle {
    stroke: var(--rd-ink);
  }

  .link[data-cut] .middle {
    stroke: var(--rd-warn);
    stroke-dasharray: 3 5;
  }

  .node[data-down] .card {
    fill: var(--rd-ground);
    stroke-dasharray: 4 4;
  }

  .node[data-down] :is(.offset, .facts, .address) {
    opacity: 0.75;
  }

  .node[data-paused] .card {
    stroke-dasharray: 12 3;
  }

  .node[data-target] .card {
    stroke: var(--rd-focus);
    stroke-width: 3;
  }

  .pull {
    fill: none;
    stroke: var(--rd-focus);
    stroke-width: 2;
    stroke-dasharray: 6 4;
    pointer-events: none;
  }

  .bar {
    stroke: var(--rd-warn);
    stroke-width: 3;
  }

  .link[data-stalled] .plate text {
    fill: var(--rd-warn);
    font-weight: 600;
  }

  .gap {
    stroke: var(--rd-ground);
    stroke-width: 10;
  }

  .plate rect {
    fill: var(--rd-ground);
    stroke: var(--rd-line-strong);
  }

  .plate text {
    font-size: 11px;
    text-anchor: middle;
    fill: var(--rd-ink-3);
    font-variant-numeric: tabular-nums;
  }

  .plate path {
    fill: none;
    stroke: var(--rd-ink-3);
    stroke-width: 1.5;
    stroke-linecap: round;
    pointer-events: none;
  }

  .link[data-cut] .plate path,
  .link[data-stalled] .plate path {
    stroke: var(--rd-warn);
  }

  .plate:hover rect {
    fill: var(--rd-hover);
  }

  .plate:hover text {
    fill: var(--rd-ink);
  }

  .link[data-cut] .plate text {
    fill: var(--rd-warn);
    font-weight: 600;
  }

  /* Packets */
  .packet .hit,
  .stage [data-kind] .hit {
    fill: transparent;
  }

  .packet:hover .hit[rx] {
    stroke: currentColor;
    stroke-opacity: 0.5;
  }

  /* Packets close behind each other stay two. */
  .packet rect:not(.hit),
  .packet path:not(.stroke, .notch) {
    stroke: var(--rd-road);
    stroke-width: 1.5;
  }

  .packet[data-selected] .hit[rx] {
    stroke: currentColor;
    stroke-width: 1.5;
  }

  .packet .label {
    font: 500 11px var(--rd-mono);
    text-anchor: middle;
    fill: currentColor;
    paint-order: stroke;
    stroke: var(--rd-ground);
    stroke-width: 4px;
    stroke-linejoin: round;
  }

  @media (prefers-reduced-motion: reduce) {
    .stage .command {
      animation: none;
    }
  }
`;
