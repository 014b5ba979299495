/** Draws one link: a road with a lane each way; and apart, to lie over all roads, its plates: the latency, and cutting it. */

import { nothing, svg } from "lit";
import type { LinkView, View } from "../engine/types.ts";
import { middleOf, pathOf, type Curve, type Point, type Scene } from "../fleet/geometry.ts";
import { duration } from "../format.ts";
import { onActivate } from "./activate.ts";
import { emit } from "./shared.ts";

export function drawRoad(link: LinkView, scene: Scene, selected: boolean) {
  const curve = scene.curves.get(link.id);
  if (!curve) return nothing;
  const path = pathOf(curve);
  const middle = middleOf(curve);
  // For pointers, which find the road easier than its plate; keys have the plate.
  const select = (event: Event) => selectLink(event.currentTarget as EventTarget, link);
  return svg`<g class="link" ?data-cut=${link.cut} ?data-stalled=${link.stalled} ?data-selected=${selected}>
    <path class="road" d=${path} stroke-width=${curve.width} @click=${select}/>
    <path class="middle" d=${path}/>
    ${link.stalled ? svg`<path class="bar" transform="translate(${middle.x} ${middle.y}) rotate(${middle.angle}) scale(${scene.unit})" d="M0 -11V11"/>` : nothing}
    ${link.cut ? svg`<path class="gap" transform="translate(${middle.x} ${middle.y}) rotate(${middle.angle}) scale(${scene.unit})" d=${gapOf(link, curve)}/>` : nothing}
  </g>`;
}

export function drawPlates(link: LinkView, scene: Scene, view: View) {
  const curve = scene.curves.get(link.id);
  if (!curve) return nothing;
  const sign = signpost(curve, scene);
  const name = ends(link, view);
  const latency = duration(link.latencyUs);
  const at = scene.narrow ? PLACES.narrow : PLACES.wide;
  const [verb, kind] = link.cut || link.stalled ? (["heal", "healLink"] as const) : (["cut", "cutLink"] as const);
  return svg`<g class="link" ?data-cut=${link.cut} ?data-stalled=${link.stalled} transform="translate(${sign.x} ${sign.y}) scale(${scene.unit})">
    ${plate(at.latency, svg`<text x=${at.latency.x + at.latency.width / 2} y="4">${latency}</text>`, `Link ${name}, ${latency}${faultOf(link)}`, (from) => selectLink(from, link))}
    ${plate(at.verb, scene.narrow ? svg`<path d=${MARKS[verb]} transform="translate(${at.verb.x + at.verb.width / 2} 0)"/>` : svg`<text x=${at.verb.x + at.verb.width / 2} y="4">${verb}</text>`, `${capital(verb)} the link ${name}`, (from) => emit(from, "rd-do", { kind, link: link.id }))}
  </g>`;
}

/** Where there is little room, the latency is next to the card, and cutting has a mark for its word. */
const PLACES = {
  wide: { latency: { x: -93, width: 51, height: 20 }, verb: { x: -42, width: 34, height: 20 } },
  narrow: { latency: { x: -54, width: 51, height: 24 }, verb: { x: -79, width: 24, height: 24 } },
} satisfies Record<string, Record<string, Place>>;
/** A line with a gap in it, and one that is whole again. */
const MARKS = { cut: "M-8 0H-3M3 0H8M-3 5L-1 -5M1 5L3 -5", heal: "M-8 0H8M-3 -4V4M3 -4V4" } as const;

interface Place {
  x: number;
  width: number;
  height: number;
}

function faultOf({ cut, stalled }: LinkView): string {
  if (cut) return cut === "both" ? ", cut" : ", cut one way";
  return stalled ? ", stalled" : "";
}

/** Across the whole road, or across the lane that is closed: the one on the left of who drives there. */
function gapOf({ cut, from, to }: LinkView, { startsAt }: Curve): string {
  if (cut === "both") return "M0 -14V14";
  const deaf = cut === "to" ? to : from;
  return deaf === startsAt ? "M0 0V14" : "M0 -14V0";
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function selectLink(from: EventTarget, { id }: LinkView): void {
  emit(from, "rd-select", { kind: "link", id });
}

/** Where the plates hang: at the replica's end of the road, on the side the road does not come from. */
function signpost(curve: Curve, { unit }: Scene): Point {
  const climbs = curve.end.y < curve.start.y - 1;
  return { x: curve.end.x, y: curve.end.y + (climbs ? -25 : 25) * unit };
}

function plate({ x, width, height }: Place, content: unknown, name: string, act: (from: EventTarget) => void) {
  const run = (event: Event) => act(event.currentTarget as EventTarget);
  return svg`<g class="plate" role="button" tabindex="0" aria-label=${name} @click=${run} @keydown=${(event: KeyboardEvent) => onActivate(() => run(event))(event)}>
    <rect x=${x} y=${-height / 2} width=${width} height=${height} rx="4" vector-effect="non-scaling-stroke"/>
    ${content}
  </g>`;
}

function ends(link: LinkView, { nodes }: View): string {
  const address = (id: number) => nodes.find((node) => node.id === id)?.address ?? "a node";
  return `between ${address(link.from)} and ${address(link.to)}`;
}
