/** What a person does first: type, watch, wait, cut, add. */

import { expect, FIRST, MASTER, SECOND, test } from "./page.ts";

test("the first command runs within a second of loading", async ({ redarium, page }) => {
  // Typed by the page itself: a test's own way to the browser and back is not the page's time.
  await page.addInitScript((label) => {
    const all = (root: Document | ShadowRoot, selector: string): Element[] => [
      ...root.querySelectorAll(selector),
      ...[...root.querySelectorAll("*")].flatMap((element) => (element.shadowRoot ? all(element.shadowRoot, selector) : [])),
    ];
    let typed = false;
    const look = (): void => {
      const input = all(document, "input").find((element) => element.ariaLabel === label);
      if (!typed && input instanceof HTMLInputElement) {
        input.value = "SET k v";
        input.form?.requestSubmit();
        typed = true;
      }
      if (all(document, ".line.reply").some((line) => line.textContent === "OK")) performance.mark("answered");
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, `Command for ${MASTER}`);
  await redarium.open();
  await redarium.reads(MASTER, "OK");
  const [answered] = await page.evaluate(() => performance.getEntriesByName("answered").map(({ startTime }) => startTime));
  expect(answered).toBeLessThan(1000);
});

test("a write on the master is read on a replica, and WAIT counts both", async ({ redarium }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET greeting hello");
  await redarium.reads(MASTER, "OK");
  await redarium.type(MASTER, "WAIT 2 1000");
  await redarium.reads(MASTER, "(integer) 2");
  await redarium.type(FIRST, "GET greeting");
  await redarium.reads(FIRST, '"hello"');
});

test("a replica refuses writes and unknown commands err, as redis-cli prints it", async ({ redarium }) => {
  await redarium.openInSync();
  await redarium.type(FIRST, "SET k v");
  await redarium.reads(FIRST, "(error) READONLY You can't write against a read only replica.");
  await redarium.type(MASTER, "SET k");
  await redarium.reads(MASTER, "(error) ERR wrong number of arguments for 'set' command");
  await redarium.type(MASTER, "INFO replication");
  await expect(redarium.transcript(MASTER)).toContainText("role:master");
  await expect(redarium.transcript(MASTER)).toContainText("connected_slaves:2");
});

test("behind a cut link WAIT shows that it waits, then counts one", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.button(`Cut the link between`).first().click();
  await expect(redarium.button("Heal the link")).toBeVisible();
  await redarium.type(MASTER, "SET k v", "WAIT 2 2000");
  await expect(page.getByText("WAIT is waiting")).toBeVisible();
  await expect(redarium.node(MASTER)).toHaveAccessibleName(/1 client waiting/);
  await redarium.reads(MASTER, /^\(integer\) 1\n\(2\.\d\ds\)$/);
  await redarium.button("Heal the link").click();
  await redarium.setSpeed(10);
  await redarium.type(MASTER, "WAIT 2 0");
  await redarium.reads(MASTER, /^\(integer\) 2/);
});

test("Ctrl-C gives a waiting command up", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "WAIT 9 0");
  await expect(page.getByText("WAIT is waiting")).toBeVisible();
  await redarium.prompt(MASTER).press("Control+c");
  await expect(page.getByText("WAIT is waiting")).toBeHidden();
  await redarium.type(MASTER, "PING");
  await redarium.reads(MASTER, "PONG");
});

test("a new replica attaches and has the data", async ({ redarium }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET k v");
  await redarium.button("Add a replica").click();
  await expect(redarium.events).toContainText("RDB");
  const third = "10.0.0.4:6379";
  await expect(redarium.node(third)).toHaveAccessibleName(/ 1 key /, { timeout: 10_000 });
  await redarium.type(third, "GET k");
  await redarium.reads(third, '"v"');
  await redarium.type(MASTER, "WAIT 3 1000");
  await redarium.reads(MASTER, "(integer) 3");
});

test("paused time stands still, commands answer all the same, and a step moves it", async ({ redarium, page }) => {
  await redarium.openInSync();
  await page.keyboard.press("F8");
  const time = page.getByRole("timer", { name: "Virtual time" });
  await redarium.type(MASTER, "SET k v");
  await redarium.reads(MASTER, "OK");
  const packet = redarium.packets.and(page.locator("[data-kind=stream]")).first();
  await expect(packet).toBeVisible();
  const [before, place] = [await time.textContent(), await packet.getAttribute("transform")];
  await page.waitForTimeout(300);
  expect([await time.textContent(), await packet.getAttribute("transform")]).toEqual([before, place]);
  await redarium.type(MASTER, "WAIT 2 1000");
  await expect(page.getByText("Time is paused.")).toBeVisible();
  await page.keyboard.press("F10");
  await expect(time).not.toHaveText(before ?? "");
  await page.keyboard.press("F8");
  await redarium.reads(MASTER, /^\(integer\) 2/);
});

test("a packet opens: why it was sent, its offsets, every byte and what it says", async ({ redarium, page }) => {
  await redarium.openInSync();
  // The first write takes the SELECT before it along.
  await redarium.type(MASTER, "SET first 1", "WAIT 2 1000");
  await redarium.reads(MASTER, "(integer) 2");
  await page.keyboard.press("F8");
  await redarium.type(MASTER, "SET greeting hello");
  await redarium.packets.and(page.locator("[data-kind=stream]")).first().click();
  const opened = page.locator("rd-packet-detail");
  await expect(opened.getByRole("heading", { name: "SET greeting hello" })).toBeVisible();
  await expect(opened).toContainText("2a 33 0d 0a");
  await expect(opened).toContainText(`${MASTER} → `);
  await expect(opened.getByRole("row").filter({ hasText: "hello" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(opened).toBeHidden();
});

test("what the picture shows, the log says, and opens the same packet", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET k v");
  await page.getByRole("searchbox", { name: "Filter events by text" }).fill("SET k v");
  await expect(redarium.events).toContainText("ran SET k v");
  await expect(redarium.events).toContainText("applied SET k v");
  await redarium.events.getByRole("button").first().click();
  await expect(page.locator("rd-packet-detail").getByRole("heading")).toContainText(["SET k v"]);
});

test("the sequence keeps what has arrived, and opens it", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.button("Sequence").click();
  await redarium.type(MASTER, "SET k v");
  await redarium.type(MASTER, "WAIT 2 1000");
  await redarium.reads(MASTER, "(integer) 2");
  await page.keyboard.press("F8");
  await redarium.button("Stream: SET k v").first().focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("rd-packet-detail").getByRole("heading", { name: "SET k v" })).toBeVisible();
});

test("a link's latency is set, and its packets take that long", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.button(/^Link between .*200 ms$/).first().click();
  await page.getByRole("slider", { name: "Latency, one way" }).fill("7");
  await expect(redarium.button(/^Link between .*100 ms$/)).toBeVisible();
  await expect(redarium.events).toContainText("link takes 100 ms one way");
});

test("a node has as many clients as one likes", async ({ redarium }) => {
  await redarium.open();
  await redarium.button(`New client of ${SECOND}`).click();
  await redarium.type(`${SECOND}, client 2`, "PING");
  await redarium.reads(`${SECOND}, client 2`, "PONG");
  await expect(redarium.prompt(SECOND)).toBeVisible();
  await redarium.button("Close client 2").click();
  await expect(redarium.prompt(SECOND)).toBeVisible();
});
