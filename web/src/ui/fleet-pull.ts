/** Pulling a node onto another one makes it that one's replica. With keys, the node's own menu does the same. */

import { nothing, svg, type ReactiveController, type ReactiveControllerHost } from "lit";
import type { NodeId } from "../engine/types.ts";
import type { Scene } from "../fleet/geometry.ts";

/** Nearer than this it was a click. */
const PULL_MIN = 8;

interface Pull {
  node: NodeId;
  pointer: number;
  startX: number;
  startY: number;
  x: number;
  y: number;
  isPulled: boolean;
  target: NodeId | null;
}

export class NodePull implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #attach: (node: NodeId, to: NodeId) => void;
  #pull: Pull | null = null;

  constructor(host: ReactiveControllerHost, attach: (node: NodeId, to: NodeId) => void) {
    this.#host = host;
    this.#attach = attach;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#pull = null;
  }

  /** The node under the one that is pulled. */
  get target(): NodeId | null {
    return this.#pull?.target ?? null;
  }

  readonly down = (event: PointerEvent): void => {
    const node = nodeOf(event.target);
    if (node === null || event.button !== 0) return;
    this.#pull = { node, pointer: event.pointerId, startX: event.clientX, startY: event.clientY, x: 0, y: 0, isPulled: false, target: null };
  };

  readonly move = (event: PointerEvent): void => {
    const pull = this.#pull;
    if (!pull || pull.pointer !== event.pointerId) return;
    const stage = event.currentTarget as HTMLElement;
    if (!pull.isPulled && Math.hypot(event.clientX - pull.startX, event.clientY - pull.startY) < PULL_MIN) return;
    if (!pull.isPulled) stage.setPointerCapture(event.pointerId);
    const box = stage.getBoundingClientRect();
    const under = (stage.getRootNode() as Document | ShadowRoot).elementsFromPoint(event.clientX, event.clientY).map(nodeOf).find((node) => node !== null) ?? null;
    this.#pull = { ...pull, isPulled: true, x: event.clientX - box.left + stage.scrollLeft, y: event.clientY - box.top + stage.scrollTop, target: under === pull.node ? null : under };
    this.#host.requestUpdate();
  };

  readonly up = (event: PointerEvent): void => {
    const pull = this.#pull;
    this.#pull = null;
    this.#host.requestUpdate();
    if (!pull?.isPulled) return;
    // The click that would follow is no click.
    const swallow = (click: Event) => click.stopPropagation();
    event.currentTarget?.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => event.currentTarget?.removeEventListener("click", swallow, { capture: true }));
    if (pull.target !== null) this.#attach(pull.node, pull.target);
  };

  readonly cancel = (): void => {
    this.#pull = null;
    this.#host.requestUpdate();
  };

  /** The line from the node to the pointer. */
  draw(scene: Scene) {
    const card = this.#pull?.isPulled ? scene.cards.get(this.#pull.node) : undefined;
    if (!card || !this.#pull) return nothing;
    return svg`<path class="pull" d="M${card.x + card.width / 2} ${card.y + card.height / 2}L${this.#pull.x} ${this.#pull.y}"/>`;
  }
}

function nodeOf(target: EventTarget | null): NodeId | null {
  const element = target instanceof Element ? target.closest("[data-node]") : null;
  const id = element?.getAttribute("data-node");
  return id == null ? null : Number(id);
}
