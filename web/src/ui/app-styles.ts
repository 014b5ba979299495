/** The page's plan: three columns where there is room, two on a tablet, one with a switch on a phone. */

import { css } from "lit";

export const appStyles = css`
  :host {
    display: grid;
    height: 100%;
    overflow: hidden;
    gap: 1px;
    background: var(--rd-line);
    grid-template:
      "top top top" auto
      "past past past" auto
      "guide guide guide" auto
      "terminals fleet inspect" minmax(0, 1fr)
      "terminals offsets inspect" auto
      "terminals events inspect" minmax(11rem, 30%) / minmax(21rem, 29%) minmax(0, 1fr) minmax(20rem, 27%);
  }

  /* Clients side by side take more room. */
  @media (min-width: 1300px) {
    :host([data-columns]) {
      grid-template-columns: minmax(33rem, 40%) minmax(0, 1fr) minmax(20rem, 22%);
    }
  }

  header {
    grid-area: top;
    display: flex;
    align-items: center;
    justify-content: space-between;
    min-height: 3rem;
    padding: 0 var(--rd-2) 0 var(--rd-3);
    background: var(--rd-panel);
  }

  /* Its children stand on the host's grid. */
  main {
    display: contents;
  }

  h1 {
    display: flex;
    align-items: center;
    gap: var(--rd-2);
    margin: 0;
    font-size: var(--rd-text-l);
    font-weight: 650;
    letter-spacing: -0.01em;
  }

  .places {
    display: flex;
    gap: 2px;
    margin: 0 auto 0 var(--rd-4);
  }

  rd-live {
    grid-column: 1 / -1;
    grid-row: 2 / -1;
  }

  rd-timebar {
    grid-area: top;
    justify-self: center;
    background: var(--rd-panel);
  }

  rd-scrubber {
    grid-area: past;
  }

  rd-guide {
    grid-area: guide;
  }

  .end {
    display: flex;
    gap: var(--rd-1);
  }

  /* What changes in one region is no other's: none is laid out or painted for it. */
  rd-timebar,
  rd-scrubber,
  rd-terminals,
  rd-fleet,
  rd-ruler,
  rd-log,
  rd-inspector {
    contain: layout paint style;
  }

  rd-terminals {
    grid-area: terminals;
  }

  rd-fleet {
    grid-area: fleet;
  }

  rd-ruler {
    grid-area: offsets;
    max-height: 15rem;
  }

  rd-log {
    grid-area: events;
  }

  rd-inspector {
    grid-area: inspect;
  }

  .failure {
    position: fixed;
    inset: 3.5rem 0 auto;
    z-index: 1;
    width: min(34rem, calc(100% - 2rem));
    margin-inline: auto;
    padding: var(--rd-4);
    border: 1px solid var(--rd-accent);
    border-radius: var(--rd-radius);
    background: var(--rd-raised);
    box-shadow: 0 8px 32px oklch(0% 0 0 / 0.2);
  }

  .failure h2 {
    margin: 0 0 var(--rd-1);
    font-size: var(--rd-text-l);
  }

  .failure p {
    margin: 0 0 var(--rd-3);
    overflow-wrap: anywhere;
  }

  /* Where the header is full, the way to the other place is enough. */
  @media (max-width: 1099px) {
    h1:has(+ .places) {
      font-size: 0;
    }

    .places {
      margin-left: 0;
    }

    .places [aria-pressed="true"] {
      display: none;
    }
  }

  @media (max-width: 1179px) {
    :host {
      grid-template:
        "top top" auto
        "past past" auto
        "guide guide" auto
        "terminals fleet" minmax(0, 1fr)
        "terminals switch" auto
        "terminals panel" minmax(0, 0.9fr) / minmax(19rem, 42%) minmax(0, 1fr);
    }

    .switch {
      display: flex;
    }

    .switch [data-panel="terminal"] {
      display: none;
    }

    rd-ruler,
    rd-log,
    rd-inspector {
      grid-area: panel;
      max-height: none;
    }

    rd-ruler:not([data-shown]),
    rd-log:not([data-shown]),
    rd-inspector:not([data-shown]) {
      display: none;
    }
  }

  @media (max-width: 759px) {
    :host {
      grid-template:
        "top" auto
        "guide" auto
        "fleet" minmax(10rem, 40%)
        "switch" auto
        "panel" minmax(0, 1fr)
        "past" auto
        "time" auto / minmax(0, 1fr);
    }

    header {
      min-height: 2.75rem;
    }

    rd-timebar {
      grid-area: time;
      justify-self: stretch;
      padding: var(--rd-2) var(--rd-3);
    }

    .switch [data-panel="terminal"] {
      display: inline-flex;
    }

    rd-terminals {
      grid-area: panel;
    }

    rd-terminals:not([data-shown]) {
      display: none;
    }
  }
`;
