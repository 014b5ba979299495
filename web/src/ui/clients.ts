/** CLIENT LIST as a table, with what each connection waits for; a row opens to every field of its line. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { NodeId } from "../engine/types.ts";
import { connection, type Connection } from "../inspect/connection.ts";
import type { Look } from "../session/session.ts";
import { Looked } from "./looked.ts";
import { controls, emit } from "./shared.ts";

@customElement("rd-clients")
export class RdClients extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        font-size: var(--rd-text-s);
      }

      table {
        width: 100%;
        border-collapse: collapse;
      }

      th,
      td {
        padding: var(--rd-1) var(--rd-2) var(--rd-1) 0;
        border-bottom: 1px solid var(--rd-line);
        text-align: left;
        vertical-align: baseline;
        overflow-wrap: anywhere;
      }

      th {
        border-bottom-color: var(--rd-line-strong);
        color: var(--rd-ink-3);
        font-weight: 400;
      }

      .waits {
        color: var(--rd-warn);
      }

      td button {
        min-height: 0;
        min-width: 0;
        padding: 0;
        color: var(--rd-ink);
        font-family: var(--rd-mono);
        text-decoration: underline;
        text-underline-offset: 2px;
      }

      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 0 var(--rd-3);
        margin: 0 0 var(--rd-2);
        font-family: var(--rd-mono);
      }

      dt {
        color: var(--rd-ink-3);
      }

      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ type: Number }) node: NodeId = 0;
  @property({ attribute: false }) look!: Look;
  @property({ type: Number }) changes = 0;

  @state() private open: string | null = null;

  readonly #seen = new Looked(this, "connections", () => ({ node: this.node }));

  override render() {
    const connections = (this.#seen.seen ?? []).map(connection).sort((a, b) => Number(a.id) - Number(b.id));
    return html`<table>
      <thead>
        <tr><th>Id</th><th>Address</th><th>Last command</th><th>State</th></tr>
      </thead>
      <tbody>
        ${connections.map((other) => [this.#row(other), other.id === this.open ? this.#fields(other) : nothing])}
      </tbody>
    </table>`;
  }

  #row({ id, fields, state, waitsFor }: Connection) {
    const isOpen = id === this.open;
    return html`<tr>
      <td><button aria-expanded=${isOpen} aria-label="Client ${id}" @click=${() => (this.open = isOpen ? null : id)}>${id}</button></td>
      <td class="mono">${fields.get("addr")}${fields.get("name") ? ` ${fields.get("name")}` : ""}</td>
      <td class="mono">${(fields.get("cmd") ?? "").toUpperCase().replace("|", " ")}</td>
      <td>${waitsFor === null ? state || "asks" : html`<span class="waits">waits in <span class="mono">${waitsFor}</span></span>`}</td>
    </tr>`;
  }

  #fields({ id, fields }: Connection) {
    return html`<tr>
      <td colspan="4">
        <dl>${[...fields].map(([name, value]) => html`<dt>${name}</dt><dd>${value || "–"}</dd>`)}</dl>
        <button @click=${() => emit(this, "rd-run", { node: this.node, line: `CLIENT KILL ID ${id}` })}>CLIENT KILL ID ${id}</button>
      </td>
    </tr>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-clients": RdClients;
  }
}
