/**
 * The page inside the iframe, for hosts that allow no scripts of others: a playground made
 * from the address's parameters, and the message API.
 *
 * Invariant: only the window that embeds this page is listened to and spoken to, and only
 * while its origin is the one that the parameter `origin` names. Without it there is no API.
 */

import { ATTRIBUTE_NAMES } from "./attributes.ts";
import { EVENTS } from "./events.ts";
import { isToFrame, MARK, type FromFrame } from "./messages.ts";
import { define, RedariumPlayground } from "./playground.ts";

function make(parameters: URLSearchParams): RedariumPlayground {
  define();
  const element = document.createElement("redarium-playground") as RedariumPlayground;
  for (const name of ATTRIBUTE_NAMES) {
    const value = parameters.get(name);
    if (value !== null) element.setAttribute(name, value);
  }
  element.textContent = parameters.get("text") ?? "";
  document.body.append(element);
  return element;
}

function listen(element: RedariumPlayground, origin: string): void {
  const post = (message: FromFrame) => window.parent.postMessage(message, origin);
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== origin || !isToFrame(event.data)) return;
    const { id, method, args } = event.data;
    const act = element[method] as (...args: unknown[]) => Promise<unknown>;
    act.apply(element, [...args]).then(
      (result) => post({ mark: MARK, id, result }),
      (error: unknown) => post({ mark: MARK, id, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  for (const name of Object.keys(EVENTS) as (keyof typeof EVENTS)[]) {
    element.addEventListener(name, (event) => post({ mark: MARK, event: name, detail: (event as CustomEvent<unknown>).detail }));
  }
  new ResizeObserver(() => post({ mark: MARK, event: "resize", detail: { height: document.documentElement.offsetHeight } })).observe(element);
}

const parameters = new URLSearchParams(location.search);
const element = make(parameters);
const origin = parameters.get("origin");
if (origin !== null && window.parent !== window) listen(element, origin);
