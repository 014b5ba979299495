/** The live view's plan: terminals above the wire, the inspector beside; one with a switch on a phone. */

import { css } from "lit";

export const liveStyles = css`
  :host {
    display: grid;
    gap: 1px;
    min-height: 0;
    background: var(--rd-line);
    grid-template:
      "state inspect" auto
      "terminals inspect" minmax(0, 1fr)
      "wire inspect" minmax(9rem, 32%) / minmax(0, 1fr) minmax(22rem, 36%);
  }

  /* Its children stand on the host's grid. */
  main {
    display: contents;
  }

  .state {
    grid-area: state;
    display: flex;
    align-items: center;
    gap: var(--rd-2);
    min-height: var(--rd-bar);
    margin: 0;
    padding: var(--rd-1) var(--rd-3);
    background: var(--rd-panel);
    color: var(--rd-ink-2);
    font-size: var(--rd-text-s);
  }

  .glyph {
    flex: none;
    width: 9px;
    height: 9px;
    border: 2px solid var(--rd-ink-3);
    border-radius: 50%;
  }

  .open .glyph {
    border-color: var(--rd-accent);
    background: var(--rd-accent);
  }

  .closed,
  .locked {
    color: var(--rd-warn);
  }

  rd-terminals {
    grid-area: terminals;
  }

  rd-log {
    grid-area: wire;
  }

  .inspect {
    grid-area: inspect;
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    background: var(--rd-panel);
  }

  .none {
    margin: 0;
    padding: var(--rd-4);
    color: var(--rd-ink-3);
  }

  @media (max-width: 879px) {
    :host {
      grid-template: "state" auto "switch" auto "panel" minmax(0, 1fr) / minmax(0, 1fr);
    }

    .switch {
      display: flex;
    }

    rd-terminals,
    rd-log,
    .inspect {
      grid-area: panel;
    }

    rd-terminals:not([data-shown]),
    rd-log:not([data-shown]),
    .inspect:not([data-shown]) {
      display: none;
    }
  }
`;
