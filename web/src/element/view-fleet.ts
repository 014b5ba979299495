/** The small picture of the fleet: who there is, how far each has come, what is on its way. */

import { html, svg } from "lit";
import type { NodeView, PacketView, View } from "../engine/types.ts";
import { middleOf, pathOf, pointOn, progressOf, scene, type Scene } from "../fleet/geometry.ts";
import { clipped, count, host, plural } from "../format.ts";

/** `shownUs` may lie behind the view's own time: between two events packets move on. */
export function drawFleet(view: View, shownUs: number, width: number) {
  const narrow = width < 520;
  const replicas = Math.max(1, view.nodes.length - 1);
  const drawn = scene(view.nodes, view.links, { width: Math.max(300, width), height: Math.max(narrow ? 110 : 130, replicas * 68) });
  return html`<svg viewBox="0 0 ${drawn.width} ${drawn.height}" role="img" aria-label=${spoken(view)}>
    ${view.links.map((link) => {
      const curve = drawn.curves.get(link.id);
      return curve ? svg`<path class="road ${link.cut ? "cut" : ""}" d=${pathOf(curve)}/>` : null;
    })}
    ${view.packets.map((packet) => drawPacket(packet, drawn, shownUs))}
    ${view.nodes.map((node) => drawNode(node, view, drawn))}
  </svg>`;
}

/** The picture in words. */
export function spoken(view: View): string {
  return view.nodes.map((node) => `${host(node.address)}: ${state(node, view)}, ${plural(node.keys, "key")}, offset ${node.offset}`).join("; ");
}

function drawNode(node: NodeView, view: View, drawn: Scene) {
  const card = drawn.cards.get(node.id);
  if (!card) return null;
  const middle = card.height / 2;
  return svg`<g class="node ${node.role} ${node.up ? "" : "down"}" transform="translate(${card.x} ${card.y})">
    <rect class="card" width=${card.width} height=${card.height} rx="6"/>
    <text class="address" x="12" y=${middle - 5}>${host(node.address)}</text>
    <text class="figure" x=${card.width - 12} y=${middle - 5} text-anchor="end">${count(node.offset)}</text>
    <text class="figure" x="12" y=${middle + 14}>${state(node, view)}</text>
  </g>`;
}

function drawPacket(packet: PacketView, drawn: Scene, shownUs: number) {
  const curve = drawn.curves.get(packet.link);
  if (!curve) return null;
  const at = pointOn(curve, packet.from, progressOf(packet, shownUs));
  const quiet = packet.kind === "ping" || packet.kind === "ack";
  const label = quiet ? null : svg`<text class="label" x=${middleOf(curve).x} y=${at.y - 9}>${clipped(packet.label, 18)}</text>`;
  return svg`<circle class="packet ${quiet ? "quiet" : ""}" cx=${at.x} cy=${at.y} r=${quiet ? 3 : 5}/>${label}`;
}

function state(node: NodeView, view: View): string {
  if (!node.up) return "shut down";
  if (node.role === "master") return "master";
  if (node.masterLink !== "connected") return "no link to master";
  const master = view.nodes.find(({ address }) => address === node.master);
  const behind = master && master.replid === node.replid ? master.offset - node.offset : 0;
  return behind > 0 ? `${count(behind)} B behind` : "replica, in sync";
}
