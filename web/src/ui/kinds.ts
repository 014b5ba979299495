/** The kinds of packets: their names, shapes and meanings, one table for the picture, the log and the legend. */

import { html, svg, type SVGTemplateResult } from "lit";
import type { PacketKind } from "../engine/types.ts";

export interface KindLook {
  name: string;
  about: string;
  /** Centred on 0 0, heading right; drawn in `currentColor`. */
  shape: (bytes: number) => SVGTemplateResult;
}

export const KINDS: Readonly<Record<PacketKind, KindLook>> = {
  stream: { name: "Stream", about: "writes, as the master replicates them", shape: (bytes) => pill(streamWidth(bytes)) },
  ack: { name: "Acknowledgement", about: "how far a replica has come, asked and told", shape: () => svg`<path d="M-5 -5L1 0L-5 5M0 -5L6 0L0 5" class="stroke"/>` },
  ping: { name: "Ping", about: "the master is still there", shape: () => svg`<circle r="4" class="stroke"/>` },
  handshake: { name: "Handshake", about: "a replica introduces itself", shape: () => svg`<path d="M0 -7L7 0L0 7L-7 0Z" class="stroke faced"/>` },
  sync: { name: "Sync", about: "PSYNC and its answer: all, or the missing part", shape: () => svg`<path d="M0 -7.5L7.5 0L0 7.5L-7.5 0Z"/>` },
  rdb: { name: "Snapshot", about: "the whole data set as an RDB file", shape: () => snapshot },
  connect: { name: "Connect", about: "a connection opens", shape: () => svg`<circle r="5.5" class="stroke faced"/><circle r="2"/>` },
  close: { name: "Close", about: "a connection ends", shape: () => svg`<path d="M-5 -5L5 5M5 -5L-5 5" class="stroke"/>` },
};

/** A kind's shape as a small picture beside its name. */
export function kindGlyph(kind: PacketKind, bytes = 40) {
  return html`<svg class="kind" data-kind=${kind} viewBox="-20 -10 40 20" width="32" height="16" aria-hidden="true">${KINDS[kind].shape(bytes)}</svg>`;
}

const snapshot = svg`<rect x="-17" y="-8" width="34" height="16" rx="2"/><path d="M-10 -8V8M-3.5 -8V8M3.5 -8V8M10 -8V8" class="notch"/>`;

function pill(width: number): SVGTemplateResult {
  return svg`<rect x=${-width / 2} y="-5" width=${width} height="10" rx="5"/>`;
}

/** Grows with the logarithm: 30 bytes and 30 kilobytes both stay a packet. */
function streamWidth(bytes: number): number {
  return Math.min(38, 10 + 3 * Math.log2(Math.max(1, bytes)));
}
