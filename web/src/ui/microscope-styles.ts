/** The look of a file under the microscope: a colour for each kind of byte. */

import { css } from "lit";

export const microscopeStyles = css`
  :host {
    display: block;
  }

  p {
    margin: 0 0 var(--rd-2);
    color: var(--rd-ink-3);
    font-size: var(--rd-text-s);
  }

  .fault {
    padding: var(--rd-2);
    border-radius: var(--rd-radius);
    background: var(--rd-warn-soft);
    color: var(--rd-warn);
    font-weight: 600;
  }

  .list {
    border: 1px solid var(--rd-line);
    border-radius: var(--rd-radius);
    background: var(--rd-well);
    font: var(--rd-text-s) / 20px var(--rd-mono);
    font-variant-ligatures: none;
  }

  .bytes {
    height: 14rem;
    padding: 0 var(--rd-2);
  }

  .records {
    height: 9rem;
    margin: var(--rd-2) 0 var(--rd-3);
  }

  .row,
  .record {
    white-space: pre;
  }

  .record {
    line-height: 24px;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .record.damaged {
    color: var(--rd-warn);
    font-weight: 600;
  }

  .at {
    color: var(--rd-ink-3);
  }

  i {
    font-style: normal;
    cursor: pointer;
  }

  [data-kind="opcode"] {
    color: var(--rd-accent);
  }

  [data-kind="length"] {
    color: var(--rd-kind-ack);
  }

  [data-kind="encoding"] {
    color: var(--rd-kind-sync);
  }

  [data-kind="key"] {
    color: var(--rd-kind-connect);
  }

  [data-kind="value"] {
    color: var(--rd-ink);
  }

  [data-kind="fact"] {
    color: var(--rd-kind-rdb);
  }

  [data-kind="checksum"] {
    color: var(--rd-warn);
  }

  [data-kind="damaged"] {
    background: var(--rd-warn-soft);
    color: var(--rd-warn);
    text-decoration: underline wavy;
  }

  i.unsynced {
    border-bottom: 1px dotted var(--rd-warn);
  }

  i.lit {
    background: var(--rd-ink);
    color: var(--rd-panel);
  }

  h4 {
    margin: 0 0 var(--rd-1);
    font: 600 var(--rd-text-m) var(--rd-mono);
    overflow-wrap: anywhere;
  }

  ul {
    max-height: 20rem;
    margin: 0;
    padding: 0;
    overflow: auto;
    list-style: none;
  }

  li button {
    justify-content: start;
    align-items: baseline;
    width: 100%;
    min-height: 1.5rem;
    padding: 0 var(--rd-1);
    color: var(--rd-ink);
    font-weight: 400;
    text-align: left;
    white-space: normal;
    overflow-wrap: anywhere;
  }

  li b {
    flex: none;
    width: 5rem;
    font-weight: 600;
  }

  li button[data-kind] b {
    color: inherit;
  }

  li button[aria-pressed="true"] {
    background: var(--rd-accent-soft);
  }
`;
