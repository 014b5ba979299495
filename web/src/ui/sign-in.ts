/** Who this is, when a server asks for it. What is typed here is kept nowhere but in the page, until it is closed. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { controls } from "./shared.ts";

@customElement("rd-sign-in")
export class RdSignIn extends LitElement {
  static override styles = [
    controls,
    css`
      form {
        display: grid;
        gap: var(--rd-2);
        max-width: 22rem;
        padding: var(--rd-4);
      }

      p {
        margin: 0;
        color: var(--rd-ink-2);
      }

      .wrong {
        color: var(--rd-accent);
      }

      label {
        display: grid;
        gap: 2px;
        color: var(--rd-ink-2);
        font-size: var(--rd-text-s);
      }

      input {
        height: var(--rd-touch);
        padding: 0 var(--rd-2);
        border: 1px solid var(--rd-line-strong);
        border-radius: var(--rd-radius);
        background: var(--rd-well);
        color: var(--rd-ink);
        font-family: var(--rd-mono);
      }
    `,
  ];

  @property({ type: Boolean }) wrong = false;

  override render() {
    return html`<form @submit=${this.#submit}>
      <p>This server asks for a password. The page keeps it until it is closed, and gives it for the inspector and every new terminal.</p>
      ${this.wrong ? html`<p class="wrong" role="alert">The server does not take this user and password.</p>` : nothing}
      <label>User <input name="user" value="default" autocomplete="username" spellcheck="false" autocapitalize="off" /></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
      <button class="outlined">Sign in</button>
    </form>`;
  }

  #submit(event: Event): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const [user, password] = [form.get("user"), form.get("password")];
    if (typeof user !== "string" || typeof password !== "string") return;
    this.dispatchEvent(new CustomEvent("rd-sign-in", { detail: { user: user || "default", password } }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-sign-in": RdSignIn;
  }
}
