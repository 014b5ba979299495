/** The look of everything the inspector shows: a heading, sentences, facts in two columns. */

import { css } from "lit";

export const detailStyles = css`
  :host {
    display: block;
    padding: var(--rd-4) var(--rd-4) var(--rd-5);
  }

  h3 {
    margin: 0 0 var(--rd-1);
    font-size: var(--rd-text-l);
    font-weight: 600;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }

  h4 {
    margin: var(--rd-5) 0 var(--rd-2);
    font-size: var(--rd-text-s);
    font-weight: 600;
  }

  p {
    margin: 0 0 var(--rd-3);
    color: var(--rd-ink-2);
    max-width: 60ch;
  }

  dl {
    display: grid;
    grid-template-columns: max-content 1fr;
    gap: var(--rd-1) var(--rd-4);
    margin: 0;
  }

  dt {
    color: var(--rd-ink-3);
  }

  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }

  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: var(--rd-2);
    margin-top: var(--rd-4);
  }

  table {
    width: 100%;
    border-collapse: collapse;
  }

  th {
    padding: var(--rd-1) var(--rd-3) var(--rd-1) 0;
    border-bottom: 1px solid var(--rd-line-strong);
    color: var(--rd-ink-3);
    font-weight: 400;
    text-align: left;
  }

  td {
    padding: var(--rd-1) var(--rd-3) var(--rd-1) 0;
    border-bottom: 1px solid var(--rd-line);
    vertical-align: top;
  }
`;
