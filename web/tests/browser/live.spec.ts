/** The page on the real server that it came from. Each test starts one of its own. */

import AxeBuilder from "@axe-core/playwright";
import { type Page } from "@playwright/test";
import { expect, test as base } from "./page.ts";
import { Server } from "./server.ts";

/** The page may ask nobody but its server; that one may be down. */
const test = base.extend<{ serve: (...settings: string[]) => Promise<Server> }>({
  serve: async ({}, use) => {
    const servers: Server[] = [];
    await use(async (...settings) => {
      const server = await Server.start(...settings);
      servers.push(server);
      return server;
    });
    for (const server of servers) await server.remove();
  },
});

class Live {
  constructor(
    readonly page: Page,
    readonly server: Server,
  ) {}

  static async open(page: Page, server: Server): Promise<Live> {
    const live = new Live(page, server);
    await page.goto(server.url);
    await page.getByRole("button", { name: "This server" }).click();
    await expect(live.status).toContainText(`Connected to ${server.address}`);
    return live;
  }

  get status() {
    return this.page.locator("rd-live .state");
  }

  prompt(client = "") {
    return this.page.getByRole("textbox", { name: `Command for ${this.server.address}${client}`, exact: true });
  }

  transcript(client = "") {
    return this.page.getByRole("log", { name: `Transcript of ${this.server.address}${client}`, exact: true });
  }

  async type(...lines: string[]): Promise<void> {
    for (const line of lines) {
      await this.prompt().fill(line);
      await this.prompt().press("Enter");
    }
  }

  async reads(ending: string | RegExp): Promise<void> {
    await expect(this.transcript().locator(".line").last()).toHaveText(ending);
  }

  get wire() {
    return this.page.getByRole("log", { name: "Wire" });
  }

  async tab(name: string): Promise<void> {
    await this.page.getByRole("tab", { name, exact: true }).click();
  }

  async chooses(key: string): Promise<void> {
    await this.page.getByRole("option", { name: new RegExp(`^${key}\\b`) }).click();
  }

  get value() {
    return this.page.locator("rd-value");
  }
}

test("a command is typed, answered by the real server, and seen on the wire", async ({ page, serve }) => {
  const live = await Live.open(page, await serve());
  await expect(live.prompt()).toBeFocused();
  await live.type("SET greeting hello");
  await live.reads("OK");
  expect(await live.server.run("GET greeting")).toContain("hello");
  await expect(live.wire).toContainText("SET");
  await live.type("SELECT 3", "MULTI");
  await expect(page.locator("rd-live form .prompt")).toHaveText(`${live.server.address}[3](TX)>`);
  await live.type("INCR n", "EXEC");
  await live.reads("1) (integer) 1");
  await live.type("HELLO 3", "CONFIG GET maxclients");
  await live.reads('1# "maxclients" => "10000"');
  await live.type("HELP @string");
  await expect(live.transcript()).toContainText("GETRANGE key start end");
  await live.type("3 INCR n");
  await expect(live.transcript().locator(".line", { hasText: /^\(integer\) [234]$/ })).toHaveCount(3);
});

test("commands, options and keys are completed, keys by SCAN", async ({ page, serve }) => {
  const server = await serve();
  await server.run("SET user:1 a", "SET user:2 b", "SET other c", 'SET "user with space" d');
  const live = await Live.open(page, server);
  await live.prompt().pressSequentially("GETR");
  await expect(page.locator("rd-hint")).toHaveText("GETRANGE");
  await live.prompt().press("Tab");
  await expect(live.prompt()).toHaveValue("GETRANGE ");
  await live.prompt().fill("GET user:");
  await live.prompt().press("Tab");
  await expect(live.prompt()).toHaveValue("GET user:1");
  await live.prompt().press("Tab");
  await live.prompt().press("Enter");
  await live.reads('"b"');
  await live.prompt().press("ArrowUp");
  await expect(live.prompt()).toHaveValue("GET user:2");
});

test("messages of another client come in, and MONITOR shows what it does", async ({ page, serve }) => {
  const live = await Live.open(page, await serve());
  await live.type("SUBSCRIBE news");
  await expect(page.locator("rd-live form .prompt")).toHaveText(`${live.server.address}(subscribed mode)>`);
  await live.server.run("PUBLISH news extra");
  await live.reads(/3\) "extra"$/);
  await page.getByRole("button", { name: "Ctrl-C" }).click();
  await live.type("MONITOR");
  await expect(page.getByText("MONITOR shows what comes")).toBeVisible();
  await live.server.run("SET seen 1");
  await live.reads(/"SET" "seen" "1"$|"QUIT"$/i);
  await live.prompt().press("Control+c");
  await live.type("PING");
  await live.reads("PONG");
});

test("a command that waits shows for how long, and Ctrl-C gives it up", async ({ page, serve }) => {
  const live = await Live.open(page, await serve());
  await live.type("BLPOP queue 0");
  await expect(page.getByText(/^BLPOP is waiting/)).toBeVisible();
  await live.server.run("RPUSH queue job");
  await expect(live.transcript()).toContainText('2) "job"');
  await live.type("BLPOP queue 0");
  await expect(page.getByText(/^BLPOP is waiting/)).toBeVisible();
  await page.getByRole("button", { name: "Ctrl-C" }).click();
  await live.type("PING");
  await live.reads("PONG");
});

test("the inspector shows values of every type, clients and settings", async ({ page, serve }) => {
  const server = await serve();
  await server.run(
    "SET text hello", "RPUSH list a b c", "HSET hash field value", "SADD set x y", "ZADD zset 1 one 2 two",
    'GEOADD geo 13.361389 38.115556 Palermo', "XADD stream 1-1 f v", "XGROUP CREATE stream workers 0",
    "XREADGROUP GROUP workers w1 COUNT 1 STREAMS stream >", "SET short-lived v EX 500", "SELECT 2", "SET elsewhere v",
  );
  const live = await Live.open(page, server);
  await expect(page.getByRole("option")).toHaveCount(9);
  await live.chooses("text");
  await expect(live.value).toContainText("Kept as embstr");
  await expect(live.value).toContainText("hello");
  await live.chooses("list");
  await expect(live.value.getByRole("row")).toHaveText([/0\s*a/, /1\s*b/, /2\s*c/]);
  await live.chooses("hash");
  await expect(live.value.getByRole("row")).toHaveText([/field\s*value/]);
  await live.chooses("set");
  await expect(live.value.getByRole("row")).toHaveText(["x", "y"]);
  await live.chooses("zset");
  await expect(live.value.getByRole("row")).toHaveText([/1\s*one/, /2\s*two/]);
  await live.chooses("geo");
  await expect(live.value.locator("rd-places")).toContainText("Palermo");
  await live.chooses("stream");
  await expect(live.value).toContainText("workers");
  await expect(live.value).toContainText("w1");
  await expect(page.getByRole("option", { name: /^short-lived/ })).toContainText("expires in");
  await live.chooses("elsewhere");
  await expect(live.value).toContainText("Kept as embstr");
  await live.tab("Clients");
  await expect(page.getByRole("row")).toHaveCount(3);
  await live.tab("Settings");
  await page.getByRole("searchbox", { name: "Filter settings" }).fill("maxmemory-policy");
  await expect(page.getByRole("list", { name: "Settings" })).toContainText("noeviction");
  await live.tab("Disk");
  await expect(page.getByText("Not of a real server: its files are not sent to a page")).toBeVisible();
  await expect(page.getByRole("region", { name: "Only in the playground" })).toContainText("a page");
});

test("a hundred thousand keys are paged through, and none is asked for by KEYS", async ({ page, serve }) => {
  const server = await serve("--enable-debug-command", "yes");
  await server.run("DEBUG POPULATE 100000");
  const live = await Live.open(page, server);
  await expect(page.getByRole("option").first()).toContainText("key:");
  await page.getByRole("listbox", { name: "Keys" }).evaluate((list) => (list.scrollTop = 28 * 3000));
  await expect(page.locator("#row-3005")).toContainText("key:");
  await page.getByRole("searchbox", { name: "Filter keys" }).fill("key:99999");
  await expect(page.getByRole("option", { name: /^key:99999/ })).toBeVisible();
  expect(await server.run("INFO commandstats")).not.toMatch(/cmdstat_keys:/);
  await live.type("PING");
  await live.reads("PONG");
});

test("a password is asked for once, and given for every connection", async ({ page, serve }) => {
  const server = await serve("--requirepass", "secret");
  await page.goto(server.url);
  await page.getByRole("button", { name: "This server" }).click();
  const live = new Live(page, server);
  await expect(live.status).toContainText("asks for a password");
  await live.type("GET k");
  await live.reads("(error) NOAUTH Authentication required.");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("does not take");
  await page.getByLabel("Password").fill("secret");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(live.status).toContainText("Connected to");
  await live.type("PING");
  await live.reads("PONG");
  await page.getByRole("button", { name: /^New client/ }).click();
  await expect(live.prompt(", client 2")).toBeVisible();
  await live.prompt(", client 2").fill("ACL WHOAMI");
  await live.prompt(", client 2").press("Enter");
  await expect(live.transcript(", client 2")).toContainText("default");
});

test("a server that ends is missed, and found again", async ({ page, serve }) => {
  const server = await serve();
  const live = await Live.open(page, server);
  await live.type("SET k v");
  await live.reads("OK");
  await server.kill();
  await expect(live.status).toContainText("Not connected");
  await expect(page.locator("rd-live form .prompt")).toHaveText("not connected>");
  await live.type("GET k");
  await expect(live.transcript()).toContainText(`Could not connect to Redis at ${server.address}`);
  await server.start();
  await expect(live.status).toContainText("Connected to", { timeout: 15_000 });
  await expect(page.locator("rd-live form .prompt")).toHaveText(`${server.address}>`);
  await live.type("GET k");
  await live.reads("(nil)");
});

test("a page of another origin is refused by the server itself", async ({ browser, serve }) => {
  const [server, other] = [await serve(), await serve()];
  // Its own rules for what it may connect to would keep that page from trying.
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  const opens = (url: string) =>
    page.evaluate(
      (to) =>
        new Promise((resolve) => {
          const socket = new WebSocket(to);
          socket.onopen = () => resolve("open");
          socket.onclose = ({ code }) => resolve(code);
        }),
      url,
    );
  await page.goto(other.url);
  expect(await opens(`ws://127.0.0.1:${server.httpPort}/resp`)).toBe(1006);
  expect(await opens(`ws://127.0.0.1:${other.httpPort}/resp`)).toBe("open");
  expect(await opens(`ws://localhost:${other.httpPort}/resp`)).toBe(1006);
  await page.goto("about:blank");
  expect(await opens(`ws://127.0.0.1:${other.httpPort}/resp`)).toBe(1006);
  await context.close();
});

test("the playground is where it was left, and a page loaded again is on its server", async ({ page, serve }) => {
  const live = await Live.open(page, await serve());
  await page.reload();
  await expect(live.status).toContainText("Connected to");
  await page.getByRole("button", { name: "Playground" }).click();
  await expect(page.getByRole("textbox", { name: "Command for 10.0.0.1:6379", exact: true })).toBeVisible();
  await expect(live.status).toHaveCount(0);
  await expect.poll(() => live.server.run("CLIENT LIST").then((list) => list.match(/ addr=/g)?.length)).toBe(1);
});

for (const [device, viewport] of [["desktop", { width: 1400, height: 900 }], ["phone", { width: 390, height: 844 }]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing, and nothing overflows: ${device}, ${colorScheme}`, async ({ page, serve }, info) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const server = await serve();
      await server.run("RPUSH queue job:1 job:2", "HSET user:1 name Ada city London", "SET greeting hello EX 600", "ZADD board 10 ada 20 bob");
      const live = await Live.open(page, server);
      await live.type("GET greeting", "HGETALL user:1", "LRANGE queue 0 -1");
      await live.reads(/job:2/);
      for (const panel of device === "phone" ? ["Terminal", "Inspect", "Wire"] : ["Terminal"]) {
        if (device === "phone") await page.getByRole("button", { name: panel, exact: true }).click();
        if (panel !== "Wire" && (device === "desktop" || panel === "Inspect")) await live.chooses("user:1");
        await page.screenshot({ path: info.outputPath(`${panel}.png`) });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("; ")}`)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      }
    });
  }
}
