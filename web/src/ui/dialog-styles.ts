/** How a dialog over the page looks. */

import { css } from "lit";

export const dialogStyles = css`
  dialog {
    width: min(46rem, calc(100vw - 2rem));
    max-height: min(44rem, calc(100dvh - 2rem));
    padding: 0;
    border: 1px solid var(--rd-line-strong);
    border-radius: calc(var(--rd-radius) * 1.6);
    background: var(--rd-panel);
    color: var(--rd-ink);
    box-shadow: 0 16px 64px oklch(0% 0 0 / 0.28);
  }

  dialog[open] {
    display: flex;
    flex-direction: column;
  }

  dialog::backdrop {
    background: oklch(0% 0 0 / 0.35);
  }

  .top {
    display: flex;
    align-items: center;
    justify-content: space-between;
    flex: none;
    min-height: var(--rd-bar);
    padding: var(--rd-1) var(--rd-2) var(--rd-1) var(--rd-4);
    border-bottom: 1px solid var(--rd-line);
  }

  .top h2 {
    margin: 0;
    font-size: var(--rd-text-l);
  }

  .body {
    overflow: auto;
    overscroll-behavior: contain;
    padding: var(--rd-4);
  }

  h3 {
    margin: var(--rd-5) 0 var(--rd-2);
    font-size: var(--rd-text-m);
  }

  h3:first-child {
    margin-top: 0;
  }

  p {
    margin: 0 0 var(--rd-2);
    color: var(--rd-ink-2);
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    gap: var(--rd-2);
  }

  textarea,
  .row input {
    width: 100%;
    padding: var(--rd-2);
    border: 1px solid var(--rd-line-strong);
    border-radius: var(--rd-radius);
    background: var(--rd-well);
    color: var(--rd-ink);
    font: var(--rd-text-s) / 1.5 var(--rd-mono);
  }

  .row input {
    flex: 1;
    min-width: 12rem;
  }

  textarea {
    height: 9rem;
    margin-bottom: var(--rd-2);
    resize: vertical;
  }

  .wrong {
    color: var(--rd-warn);
  }
`;
