/** Draws one link: a road with a lane each way, and a small plate with its latency that cuts and heals it. */

import { nothing, svg } from "lit";
import type { LinkView, View } from "../engine/types.ts";
import { middleOf, pathOf, type Curve, type Point, type Scene } from "../fleet/geometry.ts";
import { duration } from "../format.ts";
import { onActivate } from "./activate.ts";
import { emit } from "./shared.ts";

export function drawLink(link: LinkView, scene: Scene, view: View, selected: boolean) {
  const curve = scene.curves.get(link.id);
  if (!curve) return nothing;
  const path = pathOf(curve);
  const middle = middleOf(curve);
  const sign = signpost(curve, scene);
  const name = ends(link, view);
  // For pointers, which find the road easier than its plate; keys have the plate.
  const select = (event: Event) => selectLink(event.currentTarget as EventTarget, link);
  const latency = duration(link.latencyUs);
  return svg`<g class="link" ?data-cut=${link.cut} ?data-selected=${selected}>
    <path class="road" d=${path} stroke-width=${curve.width} @click=${select}/>
    <path class="middle" d=${path}/>
    ${link.cut ? svg`<path class="gap" transform="translate(${middle.x} ${middle.y}) rotate(${middle.angle}) scale(${scene.unit})" d="M0 -14V14"/>` : nothing}
    <g transform="translate(${sign.x} ${sign.y}) scale(${scene.unit})">
      ${plate(latency, -93, 51, `Link ${name}, ${latency}${link.cut ? ", cut" : ""}`, (from) => selectLink(from, link))}
      ${scene.compact ? nothing : plate(link.cut ? "heal" : "cut", -42, 34, `${link.cut ? "Heal" : "Cut"} the link ${name}`, (from) => emit(from, "rd-do", { kind: link.cut ? "healLink" : "cutLink", link: link.id }))}
    </g>
  </g>`;
}

function selectLink(from: EventTarget, { id }: LinkView): void {
  emit(from, "rd-select", { kind: "link", id });
}

/** Where the plates hang: at the replica's end of the road, on the side the road does not come from. */
function signpost(curve: Curve, { unit, compact }: Scene): Point {
  const climbs = curve.end.y < curve.start.y - 1;
  return { x: curve.end.x + (compact ? 40 : 0) * unit, y: curve.end.y + (climbs ? -25 : 25) * unit };
}

function plate(text: string, x: number, width: number, name: string, act: (from: EventTarget) => void) {
  const run = (event: Event) => act(event.currentTarget as EventTarget);
  return svg`<g class="plate" role="button" tabindex="0" aria-label=${name} @click=${run} @keydown=${(event: KeyboardEvent) => onActivate(() => run(event))(event)}>
    <rect x=${x} y="-10" width=${width} height="20" rx="4" vector-effect="non-scaling-stroke"/>
    <text x=${x + width / 2} y="4">${text}</text>
  </g>`;
}

function ends(link: LinkView, { nodes }: View): string {
  const address = (id: number) => nodes.find((node) => node.id === id)?.address ?? "a node";
  return `between ${address(link.from)} and ${address(link.to)}`;
}
