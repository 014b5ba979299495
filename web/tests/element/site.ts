/** A site made of a few strings and the built package, and that nothing goes wrong on it. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Locator, type Page } from "@playwright/test";

export { expect };

export const SITE = "http://docs.test";
/** The policy that the element is made for: nothing inline, nothing from elsewhere. */
export const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'";

const PACKAGE = fileURLToPath(new URL("../../package/", import.meta.url));
const TYPES: Readonly<Record<string, string>> = { js: "text/javascript", wasm: "application/wasm", html: "text/html", css: "text/css" };

export interface Answer {
  body: string;
  type?: string;
  headers?: Record<string, string>;
  status?: number;
}

export class Site {
  readonly #pages = new Map<string, Answer>();
  /** Files of the package that were fetched. */
  readonly fetched: string[] = [];
  /** What is expected to go wrong. */
  readonly tolerated: RegExp[] = [];

  constructor(readonly page: Page) {}

  /** Hands out `address` from now on; a path is on `SITE`. */
  put(address: string, answer: Answer | string): void {
    const given = typeof answer === "string" ? { body: answer } : answer;
    this.#pages.set(new URL(address, SITE).href, given);
  }

  async route(): Promise<void> {
    await this.page.context().route(/^https?:\/\/[a-z]+\.test\//, async (route) => {
      const address = new URL(route.request().url());
      const known = this.#pages.get(address.origin + address.pathname);
      if (known) {
        const { body, type = "text/html; charset=utf-8", headers = {}, status = 200 } = known;
        return route.fulfill({ status, contentType: type, headers, body });
      }
      const [, name] = /^\/redarium\/([\w./-]+)$/.exec(address.pathname) ?? [];
      const body = name ? await readFile(PACKAGE + (name.endsWith(".html") || name.endsWith(".css") ? name : `dist/${name}`)).catch(() => null) : null;
      if (!name || !body) return route.fulfill({ status: 404, body: "not here" });
      this.fetched.push(name);
      return route.fulfill({ contentType: TYPES[name.split(".").at(-1) ?? ""] ?? "text/plain", body, headers: { "access-control-allow-origin": "*" } });
    });
  }

  /** Opens a page with this body, under the strict policy, and returns its first playground. */
  async open(body: string, { script = "define.js", headers = { "content-security-policy": STRICT } }: { script?: string; headers?: Record<string, string> } = {}): Promise<Locator> {
    this.put("/", { body: document(body, script), headers });
    await this.page.goto(`${SITE}/`);
    return this.page.locator("redarium-playground").first();
  }
}

export function document(body: string, script = "define.js"): string {
  return `<!doctype html><html lang="en"><title>Docs</title><meta name="viewport" content="width=device-width"><script type="module" src="/redarium/${script}"></script><h1>Docs</h1>${body}`;
}

export function input(element: Locator): Locator {
  return element.getByRole("textbox", { name: "Redis command" });
}

export async function type(element: Locator, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    await input(element).fill(line);
    await input(element).press("Enter");
  }
}

export const test = base.extend<{ site: Site }>({
  site: async ({ page }, use) => {
    const wrong: string[] = [];
    const site = new Site(page);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") wrong.push(message.text());
    });
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("request", (request) => {
      if (!/^(https?:\/\/[a-z]+\.test\/|blob:|data:|about:)/.test(request.url())) wrong.push(`asked ${request.url()}`);
    });
    await site.route();
    await use(site);
    expect(wrong.filter((text) => !site.tolerated.some((known) => known.test(text)))).toEqual([]);
  },
});
