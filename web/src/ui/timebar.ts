/** Time: play, pause, step, how fast, and what time it is in there. */

import { LitElement, css, html } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Future } from "../engine/client.ts";
import { inputText } from "../engine/script-text.ts";
import type { Input } from "../engine/types.ts";
import { clockTime, duration, plural } from "../format.ts";
import { SPEED_DEFAULT, SPEED_SLOW, SPEEDS, speedSpoken, speedText } from "../time/speeds.ts";
import { icons } from "./icons.ts";
import { controls, emit, strip, type RdEvent } from "./shared.ts";
import "./stops.ts";

@customElement("rd-timebar")
export class RdTimebar extends LitElement {
  static override styles = [
    controls,
    strip,
    css`
      .buttons {
        display: flex;
        gap: var(--rd-1);
      }

      .play {
        width: 5.75rem;
        border: 1px solid var(--rd-line-strong);
        background: var(--rd-raised);
        color: var(--rd-ink);
      }

      :host([paused]) .play {
        border-color: var(--rd-accent);
        background: var(--rd-accent);
        color: var(--rd-on-accent);
      }

      .speed {
        display: flex;
        align-items: center;
        gap: var(--rd-2);
      }

      rd-stops {
        width: 7.5rem;
      }

      .value {
        min-width: 3.1rem;
        font-size: var(--rd-text-s);
        color: var(--rd-ink-2);
      }

      .now {
        display: flex;
        align-items: baseline;
        gap: var(--rd-2);
        white-space: nowrap;
      }

      .now b {
        min-width: 5.4em;
        font: 500 var(--rd-text-l) var(--rd-mono);
        text-align: right;
      }

      .next {
        min-width: 7.5rem;
      }

      @media (max-width: 1179px) {
        .next {
          display: none;
        }
      }

      @media (max-width: 759px) {
        :host {
          gap: var(--rd-2);
          justify-content: space-between;
        }

        .play {
          width: 2.75rem;
        }

        .play span,
        .slow span {
          display: none;
        }

        .speed {
          flex: 1;
          min-width: 0;
        }

        rd-stops {
          flex: 1;
          width: auto;
          min-width: 3.5rem;
        }

        .value {
          min-width: 2.4rem;
        }

        .now b {
          min-width: 0;
          font-size: var(--rd-text-m);
        }
      }
    `,
  ];

  @property({ type: Boolean }) playing = true;
  @property({ type: Boolean, reflect: true }) paused = false;
  @property({ type: Number }) speed = 1;
  @property({ type: Number }) nowUs = 0;
  @property({ type: Number }) nextUs: number | null = null;
  @property({ attribute: false }) undoable: Input | null = null;
  /** The future that was left last. */
  @property({ attribute: false }) future: Future | null = null;

  override render() {
    const slow = this.speed === SPEED_SLOW;
    const undo = this.undoable && inputText(this.undoable);
    return html`
      <div class="buttons" role="group" aria-label="Time">
        <button class="play" aria-label=${this.playing ? "Pause" : "Resume"} title="F8, or Space outside a terminal" @click=${() => emit(this, "rd-toggle-playing", undefined)}>
          ${this.playing ? icons.pause : icons.play}<span>${this.playing ? "Pause" : "Resume"}</span>
        </button>
        <button class="outlined icon" aria-label="Step: let the next thing happen" title="Step (F10)" @click=${() => emit(this, "rd-step", undefined)}>
          ${icons.step}
        </button>
        <button class="outlined icon wide" aria-label="Go on by 100 milliseconds" title="Go on by 100 ms (F9); by a second (Shift+F9)" @click=${(event: MouseEvent) => emit(this, "rd-advance", event.shiftKey ? 1_000_000 : 100_000)}>
          ${icons.skip}
        </button>
        <button class="icon" aria-label=${undo === null ? "Undo" : `Undo: ${undo}`} title=${undo === null ? "Nothing to undo" : `Take back: ${undo} (Ctrl+Z outside a terminal)`} ?disabled=${undo === null} @click=${() => emit(this, "rd-undo", undefined)}>${icons.undo}</button>
        <button class="icon" aria-label="Bring the other future back" title=${this.future ? otherFuture(this.future) : "No other future"} ?disabled=${!this.future} @click=${this.#turn}>${icons.redo}</button>
        <button class="slow" aria-pressed=${slow} aria-label="Slow motion" title="Slow motion" @click=${() => emit(this, "rd-speed", slow ? SPEED_DEFAULT : SPEED_SLOW)}>
          ${icons.slow}<span>Slow</span>
        </button>
      </div>
      <div class="speed" @rd-pick=${this.#picked}>
        <rd-stops label="Speed" .stops=${SPEEDS} .value=${this.speed} .spoken=${speedSpoken}></rd-stops>
        <span class="value figures">${speedText(this.speed)}</span>
      </div>
      <div class="now" role="timer" aria-live="off" aria-label="Virtual time">
        <b class="figures">${clockTime(this.nowUs)}</b><span class="dim">s</span>
        <span class="next note figures">${this.#next()}</span>
      </div>
    `;
  }

  /** What a step would do, told only where it stands still long enough to be read. */
  #next(): string {
    if (this.playing) return "";
    return this.nextUs === null ? "nothing is due" : `next in ${duration(Math.max(0, this.nextUs - this.nowUs))}`;
  }

  #turn(): void {
    if (this.future) emit(this, "rd-turn", this.future);
  }

  #picked(event: RdEvent<"rd-pick">): void {
    event.stopPropagation();
    emit(this, "rd-speed", event.detail);
  }
}

function otherFuture({ script, end }: Future): string {
  const lines = script.filter((entry) => "input" in entry && entry.input.kind === "type").length;
  return `Bring back the future with ${plural(lines, "command")}, until ${clockTime(end.atUs)} s (Ctrl+Shift+Z)`;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-timebar": RdTimebar;
  }
}
