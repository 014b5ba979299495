/**
 * The fleet: nodes, links, and packets on their way, drawn at the virtual time
 * of the newest view. A packet is where its sending and arrival times put it;
 * nothing here has a clock of its own but the fleet rearranging itself.
 */

import { LitElement, html, nothing, svg, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { LinkView, PacketId, PacketView, View } from "../engine/types.ts";
import { between, CUT_AT, labelAt, labelled, pointOn, progressOf, sampled, scene, type Scene } from "../fleet/geometry.ts";
import { fitting, plural } from "../format.ts";
import type { LogEntry } from "../session/log.ts";
import { LOST_MS, NODES_MAX, type LastCommand, type Lost, type Selection } from "../session/session.ts";
import { onActivate } from "./activate.ts";
import { drawPlates, drawRoad } from "./fleet-link.ts";
import { drawNode } from "./fleet-node.ts";
import { NodePull } from "./fleet-pull.ts";
import { fleetStyles } from "./fleet-styles.ts";
import { icons } from "./icons.ts";
import { KINDS } from "./kinds.ts";
import { kindStyles } from "./kind-styles.ts";
import { controls, emit, panel } from "./shared.ts";

const REARRANGE_MS = 350;

@customElement("rd-fleet")
export class RdFleet extends LitElement {
  static override styles = [controls, panel, kindStyles, fleetStyles];

  @property({ attribute: false }) view: View | null = null;
  @property({ attribute: false }) lost: readonly Lost[] = [];
  @property({ attribute: false }) selection: Selection | null = null;
  @property({ attribute: false }) lastCommands: ReadonlyMap<number, LastCommand> = new Map();
  @property({ type: Boolean }) still = false;

  @property({ attribute: false }) entries: readonly LogEntry[] = [];

  @state() private asSequence = false;
  @state() private stage = { width: 0, height: 0 };
  @query(".stage") private stageElement!: HTMLElement;

  readonly #resizes = new ResizeObserver(([entry]) => {
    if (entry) this.stage = { width: entry.contentRect.width, height: entry.contentRect.height };
  });
  #shape = "";
  #target: Scene | null = null;
  #origin: Scene | null = null;
  #movedAtMs = 0;
  /** Where packets on a cut link come to a halt. */
  #stops = new Map<PacketId, number>();
  readonly #pull = new NodePull(this, (node, to) => emit(this, "rd-do", { kind: "attach", node, to }));
  #focusedPacket: Element | null = null;

  /** A packet that had the focus and arrived passes it on to the picture, so that a keyboard does not start anew. */
  override updated(): void {
    const focused = this.shadowRoot?.activeElement;
    if (focused?.matches(".packet")) this.#focusedPacket = focused;
    else if (focused) this.#focusedPacket = null;
    else if (this.#focusedPacket && !this.#focusedPacket.isConnected) {
      this.#focusedPacket = null;
      if (document.activeElement === document.body) this.stageElement.focus();
    }
  }

  override firstUpdated(): void {
    this.#resizes.observe(this.stageElement);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resizes.disconnect();
  }

  override render() {
    // While something fades, time goes on here even where virtual time stands.
    if (this.lost.length > 0) requestAnimationFrame(() => this.requestUpdate());
    return html`
      <div class="bar">
        <h2>Fleet</h2>
        <span class="about">${this.view ? summary(this.view) : "starting"}</span>
        <div class="end">
          <div class="shows" role="group" aria-label="Show the fleet as">
            <button aria-pressed=${!this.asSequence} @click=${() => (this.asSequence = false)}>Map</button>
            <button aria-pressed=${this.asSequence} @click=${this.#showSequence}>Sequence</button>
          </div>
          <button class="outlined" ?disabled=${!this.view || this.view.nodes.length >= NODES_MAX} @click=${this.#addReplica}>${icons.plus}<span>Add a replica</span></button>
        </div>
      </div>
      <div class="stage" tabindex="-1" @pointerdown=${this.#pull.down} @pointermove=${this.#pull.move} @pointerup=${this.#pull.up} @pointercancel=${this.#pull.cancel}>${this.view && this.stage.width > 0 ? (this.asSequence ? this.#sequence(this.view) : this.#picture(this.view)) : nothing}</div>
    `;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!this.view || this.stage.width === 0) return;
    const { nodes, links } = this.view;
    const shape = `${this.stage.width} ${this.stage.height} ${nodes.map((node) => `${node.id}${node.master}`)} ${links.map(({ id }) => id)}`;
    if (!links.some(({ cut }) => cut) && this.lost.length === 0 && this.#stops.size > 0) this.#forgetStops();
    if (shape === this.#shape) return;
    const resized = changed.has("stage" as keyof RdFleet) || !this.#target;
    this.#shape = shape;
    this.#origin = resized || this.still ? null : this.#current();
    this.#target = scene(nodes, links, this.stage);
    this.#movedAtMs = performance.now();
  }

  /** The scene as it stands, between two arrangements if the fleet is rearranging. */
  #current(): Scene | null {
    if (!this.#target || !this.#origin || !this.view) return this.#target;
    const t = Math.min(1, (performance.now() - this.#movedAtMs) / REARRANGE_MS);
    if (t === 1) this.#origin = null;
    else requestAnimationFrame(() => this.requestUpdate());
    return this.#origin ? between(this.#origin, this.#target, 1 - (1 - t) ** 3, this.view.links) : this.#target;
  }

  #picture(view: View) {
    const now = this.#current();
    if (!now) return nothing;
    const drawn = sampled(view.packets, view.links.length);
    const named: ReadonlySet<PacketId> = now.narrow ? new Set() : labelled(drawn, view.nowUs);
    const shown = view.links.filter((link) => isUsed(link, view));
    return html`<svg width=${now.width} height=${now.height} role="group" aria-label="Nodes, links and packets in flight">
      ${repeat(shown, ({ id }) => id, (link) => drawRoad(link, now, this.#isSelected("link", link.id)))}
      ${this.lost.map((lost) => this.#lost(lost, now))}
      ${repeat(drawn, ({ id }) => id, (packet) => this.#packet(packet, view, now, named.has(packet.id)))}
      ${repeat(shown, ({ id }) => id, (link) => drawPlates(link, now, view))}
      ${repeat(view.nodes, ({ id }) => id, (node) => drawNode(node, now, view, this.lastCommands.get(node.id), this.#isSelected("node", node.id), this.#pull.target === node.id))}
      ${this.#pull.draw(now)}
    </svg>`;
  }

  #showSequence(): void {
    void import("./sequence.ts");
    this.asSequence = true;
  }

  #sequence(view: View) {
    return html`<rd-sequence .view=${view} .entries=${this.entries} .selection=${this.selection} .stage=${this.stage}></rd-sequence>`;
  }

  #packet(packet: PacketView, view: View, now: Scene, named: boolean) {
    const curve = now.curves.get(packet.link);
    if (!curve) return nothing;
    const at = pointOn(curve, packet.from, this.still ? this.#slot(packet, view) : this.#progress(packet, view));
    const forward = curve.startsAt === packet.from;
    const label = fitting(packet.label, 28);
    const select = () => emit(this, "rd-select", { kind: "packet", id: packet.id });
    return svg`<g class="packet" data-kind=${packet.kind} ?data-selected=${this.#isSelected("packet", packet.id)}
      transform="translate(${at.x.toFixed(1)} ${at.y.toFixed(1)}) scale(${now.unit})"
      role="button" tabindex="0" aria-label=${describe(packet, view)} @click=${select} @keydown=${onActivate(select)}>
      <g transform="rotate(${at.angle.toFixed(0)})"><rect class="hit" x="-23" y="-10" width="46" height="20" rx="10"/>${KINDS[packet.kind].shape(packet.bytes)}</g>
      ${named ? drawLabel(label, (labelAt(curve, at.x, label.length, now.unit) - at.x) / now.unit, forward) : nothing}
    </g>`;
  }

  #forgetStops(): void {
    const flying = new Set(this.view?.packets.map(({ id }) => id));
    for (const id of this.#stops.keys()) if (!flying.has(id)) this.#stops.delete(id);
  }

  /** Nothing passes a cut: what has not reached it stops there, what has passed it stops where it was. */
  #progress(packet: PacketView, view: View): number {
    const progress = progressOf(packet, view.nowUs);
    const isCut = view.links.some((link) => link.id === packet.link && (link.cut === "both" || (link.cut !== null && packet.to === link[link.cut])));
    if (isCut && !this.#stops.has(packet.id)) this.#stops.set(packet.id, Math.max(CUT_AT, progress));
    return Math.min(progress, this.#stops.get(packet.id) ?? 1);
  }

  /** Without motion, packets stand in a queue at the middle of their link. */
  #slot(packet: PacketView, view: View): number {
    const lane = view.packets.filter(({ link, from }) => link === packet.link && from === packet.from);
    return Math.max(0.1, 0.6 - 0.14 * lane.indexOf(packet));
  }

  #lost({ packet, realMs }: Lost, now: Scene) {
    const curve = now.curves.get(packet.link);
    if (!curve) return nothing;
    const at = pointOn(curve, packet.from, this.#stops.get(packet.id) ?? CUT_AT);
    const age = Math.min(1, (performance.now() - realMs) / LOST_MS);
    return svg`<g data-kind=${packet.kind} transform="translate(${at.x.toFixed(1)} ${at.y.toFixed(1)}) scale(${now.unit})" opacity=${Math.min(1, 2 - 2 * age)}>
      <path class="stroke" d="M-6 -6L6 6M6 -6L-6 6"/>
    </g>`;
  }

  #isSelected(kind: Selection["kind"], id: number): boolean {
    return this.selection?.kind === kind && this.selection.id === id;
  }

  #addReplica(): void {
    const master = this.view?.nodes.find(({ role }) => role === "master") ?? this.view?.nodes[0];
    if (master) emit(this, "rd-do", { kind: "addReplica", of: master.id });
  }
}

/** Above its lane, or below the other; what lies between it and its packet is the packet's too. */
function drawLabel(label: string, x: number, above: boolean) {
  const half = label.length * 3.4;
  return svg`<rect class="hit" x=${x - half} y=${above ? -28 : 0} width=${2 * half} height="28"/>
    <text class="label" x=${x} y=${above ? -18 : 26}>${label}</text>`;
}

/** Links that carry replication, or something else worth seeing. */
function isUsed(link: LinkView, { nodes, packets }: View): boolean {
  const from = nodes.find(({ id }) => id === link.from);
  const to = nodes.find(({ id }) => id === link.to);
  const replicates = from !== undefined && to !== undefined && (from.master === to.address || to.master === from.address);
  return replicates || link.cut !== null || link.stalled || packets.some((packet) => packet.link === link.id);
}

function describe(packet: PacketView, { nodes }: View): string {
  const address = (id: number) => nodes.find((node) => node.id === id)?.address ?? "a node";
  return `${KINDS[packet.kind].name}: ${packet.label}, ${plural(packet.bytes, "byte")}, from ${address(packet.from)} to ${address(packet.to)}`;
}

function summary({ nodes, packets }: View): string {
  const masters = nodes.filter(({ role }) => role === "master").length;
  const replicas = nodes.length - masters;
  const flying = packets.length > 0 ? `, ${plural(packets.length, "packet")} in flight` : "";
  return `${plural(masters, "master")}, ${plural(replicas, "replica")}${flying}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-fleet": RdFleet;
  }
}
