import { expect, test } from "vitest";
import { logText } from "../../src/session/export.ts";
import { LogBook } from "../../src/session/log.ts";

test("requests are taken only while somebody wants them, and exported with their bytes", async () => {
  const wire = { atUs: 5, kind: "wire" as const, client: 1, sent: true, raw: new TextEncoder().encode("*1\r\n"), bytes: 4 };
  const log = new LogBook();
  expect(log.take([wire], [], 0)).toBe(false);
  log.overhears = true;
  log.take([wire], [], 0, () => 7);
  const text = await logText(log.entries, (node) => `n${node}`, async () => null);
  expect(JSON.parse(text)).toEqual({ atUs: 5, topic: "wire", nodes: ["n7"], text: "← *1\\r\\n", raw: "2a310d0a" });
});
