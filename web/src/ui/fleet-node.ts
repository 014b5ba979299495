/** Draws one node as a card: who it is, how far it has come, what it last ran. Its texts, in their order, are its name. */

import { nothing, svg } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { NodeView, View } from "../engine/types.ts";
import type { Box, Scene } from "../fleet/geometry.ts";
import { clipped, count, plural, shortId } from "../format.ts";
import type { LastCommand } from "../session/session.ts";
import { onActivate } from "./activate.ts";
import { emit } from "./shared.ts";

export function drawNode(node: NodeView, scene: Scene, view: View, last: LastCommand | undefined, selected: boolean, targeted: boolean) {
  const card = scene.cards.get(node.id);
  if (!card) return nothing;
  const inner = { width: card.width / scene.unit, height: card.height / scene.unit };
  return svg`<g class="node ${node.role}" data-node=${node.id} ?data-down=${!node.up} ?data-paused=${node.paused} ?data-selected=${selected} ?data-target=${targeted} transform="translate(${card.x} ${card.y}) scale(${scene.unit})"
    role="button" tabindex="0" @click=${select(node)} @keydown=${onActivateNode(node)}>
    <rect class="card" width=${inner.width} height=${inner.height} rx="6"/>
    ${FACES[card.face](node, inner, view, last)}
  </g>`;
}

type Size = Pick<Box, "width" | "height">;

function full(node: NodeView, { width, height }: Size, view: View, last: LastCommand | undefined) {
  const state = trouble(node);
  return svg`
    <circle class="dot" cx="15" cy="17" r="4"/>
    <text class="address" x="26" y="21">${address(node)}</text>
    <text class="role" x=${width - 12} y="21" text-anchor="end">${node.role}</text>
    <text class="offset" x="12" y="45">${count(node.offset)}<tspan class="unit" dx="5">offset</tspan></text>
    <text class="lag" x=${width - 12} y="45" text-anchor="end">${lag(node, view)}</text>
    <text class="facts" x="12" y="62">${plural(node.keys, "key")}</text>
    <text class="facts id" x=${width - 12} y="62" text-anchor="end">${shortId(node.replid)}</text>
    ${state ? svg`<text class="state" x="12" y="80">${state}</text>` : command(last)}
    ${progress(node, { width, height }, view)}
  `;
}

function narrow(node: NodeView, { width, height }: Size, view: View) {
  const state = trouble(node);
  return svg`
    <circle class="dot" cx="13" cy="15" r="4"/>
    <text class="address" x="23" y="19">${address(node)}</text>
    <text class="role" x=${width - 10} y="60" text-anchor="end">${state ? "" : node.role}</text>
    <text class="offset" x="10" y="41">${count(node.offset)}</text>
    <text class="lag" x=${width - 10} y="41" text-anchor="end">${lag(node, view)}</text>
    ${state ? svg`<text class="state" x="10" y="60">${state}</text>` : svg`<text class="facts" x="10" y="60">${plural(node.keys, "key")}</text>`}
    ${progress(node, { width, height }, view)}
  `;
}

function low(node: NodeView, { width, height }: Size, view: View) {
  const state = trouble(node);
  return svg`
    <circle class="dot" cx="13" cy="15" r="4"/>
    <text class="address" x="23" y="19">${address(node)}</text>
    ${width < 150 ? nothing : svg`<text class="facts" x=${width - 10} y="19" text-anchor="end">${plural(node.keys, "key")}</text>`}
    ${state && width < 150 ? nothing : svg`<text class="offset" x="10" y="39">${count(node.offset)}</text>`}
    <text class=${state ? "state" : "lag"} x=${width - 10} y="38" text-anchor="end">${state ?? lag(node, view)}</text>
    ${progress(node, { width, height }, view)}
  `;
}

const FACES = { full, narrow, low } as const;

function address(node: NodeView) {
  const [host, port] = node.address.split(":");
  return svg`${host}${port && port !== "6379" ? svg`<tspan class="port">:${port}</tspan>` : nothing}`;
}

function command(last: LastCommand | undefined) {
  if (!last) return nothing;
  return keyed(last, svg`<text class="command ${last.source}" x="12" y="80">${clipped(last.text, 25)}</text>`);
}

/** What is worth more than the last command: a link that is not up, clients that wait. */
function trouble(node: NodeView): string | null {
  if (!node.up) return node.crashed ? "crashed" : "shut down";
  if (node.paused) return "stands still";
  if (node.diskFull) return "disk is full";
  if (node.role === "replica" && node.masterLink !== null && node.masterLink !== "connected") return LINK_STATE[node.masterLink];
  const copying = node.replicas.filter(({ state }) => state !== "online").length;
  if (copying > 0) return `sends ${plural(copying, "snapshot")}`;
  return node.blocked > 0 ? `${plural(node.blocked, "client")} waiting` : null;
}

const LINK_STATE = { connect: "no link to master", connecting: "connecting", handshake: "handshake", sync: "receiving snapshot" } as const;

function masterOf(node: NodeView, { nodes }: View): NodeView | undefined {
  return nodes.find(({ address }) => address === node.master);
}

function lag(node: NodeView, view: View): string {
  const master = masterOf(node, view);
  if (!master) return "";
  if (master.replid !== node.replid) return "";
  const behind = master.offset - node.offset;
  return behind > 0 ? `−${count(behind)} B` : "in sync";
}

/** A hairline at the foot that is full when the node has all its master has. */
function progress(node: NodeView, { width, height }: Size, view: View) {
  const master = masterOf(node, view);
  const full = width - 24;
  const shares = master && master.replid === node.replid && master.offset > 0;
  const part = master ? (shares ? Math.min(1, node.offset / master.offset) : 0) : 1;
  return svg`<rect class="track" x="12" y=${height - 3} width=${full} height="3"/><rect class="fill" x="12" y=${height - 3} width=${full * part} height="3"/>`;
}

function select(node: NodeView) {
  return (event: Event) => emit(event.currentTarget as EventTarget, "rd-select", { kind: "node", id: node.id });
}

function onActivateNode(node: NodeView) {
  return (event: KeyboardEvent) => onActivate(() => select(node)(event))(event);
}
