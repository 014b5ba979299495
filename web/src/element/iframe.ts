/** The host's side of the iframe: the playground's methods and events, without its scripts in the page. */

import { isFromFrame, MARK, type Method, type ToFrame } from "./messages.ts";
import type { PlaygroundEvents } from "./events.ts";

export type { Method } from "./messages.ts";
export type { CheckResult, Difference, PlaygroundEvents } from "./events.ts";

export interface FrameEvents extends PlaygroundEvents {
  /** What the playground needs of the page, in pixels. */
  resize: { height: number };
}

/** Attributes as parameters of the iframe's address; `text` is the transcript. */
export function frameAddress(page: string | URL, attributes: Readonly<Record<string, string>>): string {
  const address = new URL(page, globalThis.document?.baseURI);
  for (const [name, value] of Object.entries(attributes)) address.searchParams.set(name, value);
  if (globalThis.location) address.searchParams.set("origin", globalThis.location.origin);
  return address.href;
}

/** The playground inside an iframe whose address `frameAddress` made. */
export class PlaygroundFrame {
  readonly #frame: HTMLIFrameElement;
  readonly #origin: string;
  readonly #calls = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  readonly #events = new EventTarget();
  readonly #receive = (event: MessageEvent<unknown>): void => this.#take(event);
  #next = 1;

  /** `origin` is the frame's: "null" where it is sandboxed without `allow-same-origin`. */
  constructor(frame: HTMLIFrameElement, origin: string = new URL(frame.src).origin) {
    this.#frame = frame;
    this.#origin = origin;
    window.addEventListener("message", this.#receive);
  }

  call(method: Method, ...args: readonly unknown[]): Promise<unknown> {
    const id = this.#next++;
    const message: ToFrame = { mark: MARK, id, method, args };
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      // A sandboxed frame's origin cannot be named; the message holds nothing that is secret.
      this.#frame.contentWindow?.postMessage(message, this.#origin === "null" ? "*" : this.#origin);
    });
  }

  on<Name extends keyof FrameEvents>(name: Name, listener: (detail: FrameEvents[Name]) => void): () => void {
    const heard = (event: Event) => listener((event as CustomEvent<FrameEvents[Name]>).detail);
    this.#events.addEventListener(name, heard);
    return () => this.#events.removeEventListener(name, heard);
  }

  dispose(): void {
    window.removeEventListener("message", this.#receive);
    for (const { reject } of this.#calls.values()) reject(new Error("The frame was given up."));
    this.#calls.clear();
  }

  #take(event: MessageEvent<unknown>): void {
    const { source, origin, data } = event;
    if (source !== this.#frame.contentWindow || origin !== this.#origin || !isFromFrame(data)) return;
    if ("event" in data) {
      this.#events.dispatchEvent(new CustomEvent(data.event, { detail: data.detail }));
      return;
    }
    const call = this.#calls.get(data.id);
    this.#calls.delete(data.id);
    if ("error" in data) call?.reject(new Error(data.error));
    else call?.resolve(data.result);
  }
}
