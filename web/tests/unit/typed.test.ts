import { expect, test } from "vitest";
import { History } from "../../src/session/history.ts";
import { pasted, printed, understand } from "../../src/session/typed.ts";

test.each([
  ["", "nothing"],
  ["   ", "nothing"],
  [" CLEAR ", "clear"],
  ["clear all", "send"],
  ["SET k v", "send"],
])("takes %j as: %s", (line, expected) => {
  expect(understand(line)).toBe(expected);
});

test.each([
  ["OK\n", "OK"],
  ["# Replication\r\nrole:master\r\n", "# Replication\nrole:master"],
  ["", ""],
  ["a\n\n", "a\n"],
])("prints %j as %j", (text, expected) => {
  expect(printed(text)).toBe(expected);
});

test.each([
  ["SET a 1\nGET a\n", ["SET a 1", "GET a"], ""],
  ["SET a 1\r\nGET a", ["SET a 1"], "GET a"],
  ["redis> SET a 1\n127.0.0.1:6379[2](TX)> EXEC\n> PING\n", ["SET a 1", "EXEC", "PING"], ""],
  ["\n\nPING\n\n", ["PING"], ""],
  ["SET k 'a> b'\n", ["SET k 'a> b'"], ""],
])("takes pasted %j apart", (text, lines, rest) => {
  expect(pasted(text)).toEqual({ lines, rest });
});

test("history walks back and forth and keeps the unfinished line", () => {
  const history = new History();
  for (const line of ["a", "b", "b", ""]) history.add(line);
  expect([history.older("dra"), history.older("b"), history.older("a")]).toEqual(["b", "a", null]);
  expect([history.newer(), history.newer(), history.newer()]).toEqual(["b", "dra", null]);
});
