/** What the inspector shows when nothing is selected: what this is, what to try, how to read the picture. */

import { LitElement, css, html } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { PacketKind } from "../engine/types.ts";
import { detailStyles } from "./detail-styles.ts";
import { KINDS, kindGlyph } from "./kinds.ts";
import { kindStyles } from "./kind-styles.ts";
import { controls, emit } from "./shared.ts";

const TRIES: readonly { line: string; about: string }[] = [
  { line: "SET greeting hello", about: "The write answers at once, then travels to each replica." },
  { line: "WAIT 2 1000", about: "Waits until both replicas acknowledge it, a second at most." },
  { line: "INFO replication", about: "What the master knows of its replicas." },
];

@customElement("rd-welcome")
export class RdWelcome extends LitElement {
  static override styles = [
    controls,
    kindStyles,
    detailStyles,
    css`
      h3 {
        font-size: var(--rd-text-xl);
        letter-spacing: -0.01em;
      }

      ol {
        list-style: none;
        margin: 0;
        padding: 0;
        border-top: 1px solid var(--rd-line);
      }

      li {
        border-bottom: 1px solid var(--rd-line);
      }

      li button {
        display: block;
        width: 100%;
        padding: var(--rd-2) 0;
        border-radius: 0;
        text-align: left;
        white-space: normal;
        font-weight: 400;
      }

      li code {
        display: block;
        font: 500 var(--rd-text-m) var(--rd-mono);
        color: var(--rd-ink);
      }

      li button:hover code {
        color: var(--rd-accent);
      }

      .legend {
        grid-template-columns: max-content 1fr;
        align-items: center;
        font-size: var(--rd-text-s);
      }

      .legend dt {
        display: flex;
        align-items: center;
        gap: var(--rd-2);
        color: var(--rd-ink);
      }

      .legend dd {
        color: var(--rd-ink-2);
      }

      kbd {
        padding: 0 0.35em;
        border: 1px solid var(--rd-line-strong);
        border-radius: 3px;
        background: var(--rd-raised);
        font: var(--rd-text-xs) var(--rd-mono);
      }
    `,
  ];

  @property() master = "";

  override render() {
    return html`
      <h3>A Redis you can see through</h3>
      <p>A master and its replicas run in this tab: the same engine as the server, on a network and a clock you hold in your hands.</p>
      <h4>Type at any prompt, or run here on ${this.master}</h4>
      <ol>
        ${TRIES.map(({ line, about }) => html`<li><button @click=${() => emit(this, "rd-try", line)}><code>${line}</code>${about}</button></li>`)}
      </ol>
      <p></p>
      <p>Then cut a link and <code class="mono">WAIT</code> again, or pull one node onto another. Select a packet, a node or a link to look inside. Slide time back above: what you do there starts another future.</p>
      <h4>Packets</h4>
      <dl class="legend">
        ${LEGEND.map((kind) => html`<dt><span data-kind=${kind}>${kindGlyph(kind)}</span>${KINDS[kind].name}</dt><dd>${KINDS[kind].about}</dd>`)}
      </dl>
      <h4>Keys</h4>
      <dl class="legend">
        <dt><kbd>F8</kbd></dt><dd>pause and resume</dd>
        <dt><kbd>F10</kbd></dt><dd>step: let the next thing happen</dd>
        <dt><kbd>F9</kbd></dt><dd>go on by 100 ms, with Shift by a second</dd>
        <dt><kbd>Ctrl</kbd>+<kbd>Z</kbd></dt><dd>outside a terminal: take back what was done; with Shift, bring it back</dd>
        <dt><kbd>Alt</kbd>+<kbd>1</kbd>…<kbd>6</kbd></dt><dd>go to a node's terminal</dd>
        <dt><kbd>Ctrl</kbd>+<kbd>L</kbd>, <kbd>C</kbd></dt><dd>clear the terminal, give up a command</dd>
      </dl>
    `;
  }
}

const LEGEND: readonly PacketKind[] = ["connect", "handshake", "sync", "rdb", "stream", "ack", "ping", "close"];

declare global {
  interface HTMLElementTagNameMap {
    "rd-welcome": RdWelcome;
  }
}
