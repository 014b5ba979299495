/** The replicas a master has, and how far each has come. */

import { html } from "lit";
import type { NodeView } from "../engine/types.ts";
import { count } from "../format.ts";

export function replicasTable(replicas: NodeView["replicas"]) {
  return html`
    <h4>Its replicas</h4>
    <table class="figures">
      <thead>
        <tr><th>Address</th><th>State</th><th>Acknowledged</th></tr>
      </thead>
      <tbody>
        ${replicas.map(({ address, state, ackOffset }) => html`<tr><td class="mono">${address}</td><td>${STATE[state]}</td><td class="mono">${count(ackOffset)}</td></tr>`)}
      </tbody>
    </table>
  `;
}

const STATE: Readonly<Record<NodeView["replicas"][number]["state"], string>> = {
  wait_bgsave: "waits for the snapshot",
  send_bulk: "receives the snapshot",
  online: "online",
};
