/** A packet kind's colour, for whatever carries `data-kind`. */

import { css } from "lit";

export const kindStyles = css`
  [data-kind="stream"] {
    color: var(--rd-kind-stream);
  }
  [data-kind="ack"] {
    color: var(--rd-kind-ack);
  }
  [data-kind="rdb"] {
    color: var(--rd-kind-rdb);
  }
  [data-kind="handshake"] {
    color: var(--rd-kind-handshake);
  }
  [data-kind="sync"] {
    color: var(--rd-kind-sync);
  }
  [data-kind="ping"] {
    color: var(--rd-kind-ping);
  }
  [data-kind="connect"] {
    color: var(--rd-kind-connect);
  }
  [data-kind="close"] {
    color: var(--rd-kind-close);
  }

  [data-kind] rect,
  [data-kind] path,
  [data-kind] circle {
    fill: currentColor;
  }

  [data-kind] .stroke {
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  [data-kind] .faced {
    fill: var(--rd-panel);
  }

  [data-kind] .notch {
    fill: none;
    stroke: var(--rd-panel);
    stroke-width: 1.5;
    opacity: 0.75;
  }
`;
