/** The page as a test sees it: what a person would do and read, and that nothing goes wrong meanwhile. */

import { test as base, expect, type Locator, type Page } from "@playwright/test";

export { expect, type Redarium };

export const MASTER = "10.0.0.1:6379";
export const FIRST = "10.0.0.2:6379";
export const SECOND = "10.0.0.3:6379";

class Redarium {
  constructor(readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("./");
    await expect(this.prompt(MASTER)).toBeVisible();
  }

  /** Opens the page and waits until both replicas are in sync. */
  async openInSync(): Promise<void> {
    await this.open();
    await this.setSpeed(10);
    await expect(this.node(FIRST)).not.toHaveAccessibleName(TROUBLE);
    await expect(this.node(SECOND)).not.toHaveAccessibleName(TROUBLE);
    await this.setSpeed(1);
  }

  prompt(address: string): Locator {
    return this.page.getByRole("textbox", { name: `Command for ${address}`, exact: true });
  }

  transcript(address: string): Locator {
    return this.page.getByRole("log", { name: `Transcript of ${address}`, exact: true });
  }

  /** The line under a prompt. */
  hint(address: string): Locator {
    return this.page.locator("rd-terminal", { has: this.prompt(address) }).locator(".hint");
  }

  async type(address: string, ...lines: string[]): Promise<void> {
    for (const line of lines) {
      await this.prompt(address).fill(line);
      await this.prompt(address).press("Enter");
    }
  }

  /** Expects the transcript to end with this. */
  async reads(address: string, ending: string | RegExp): Promise<void> {
    await expect(this.transcript(address).locator(".line").last()).toHaveText(ending);
  }

  node(address: string): Locator {
    return this.page.getByRole("button", { name: new RegExp(`^${address.replace(":6379", "")} `) });
  }

  get packets(): Locator {
    return this.page.locator("rd-fleet .packet");
  }

  get events(): Locator {
    return this.page.getByRole("log", { name: "Events" });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }

  async setSpeed(speed: number): Promise<void> {
    const slider = this.page.getByRole("slider", { name: "Speed" });
    await slider.fill(String([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].indexOf(speed)));
  }
}

const TROUBLE = /no link|connecting|handshake|receiving/;

/** Every test fails on an error in the console, an exception, or a request to anybody but the page's own server. */
export const test = base.extend<{ redarium: Redarium }>({
  redarium: async ({ page, baseURL }, use) => {
    const wrong: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") wrong.push(message.text());
    });
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith("http") && origin !== new URL(baseURL ?? "").origin) wrong.push(`asked ${request.url()}`);
    });
    await use(new Redarium(page));
    expect(wrong).toEqual([]);
  },
});
