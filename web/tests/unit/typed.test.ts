import { expect, test } from "vitest";
import { History } from "../../src/session/history.ts";
import { pasted, understand } from "../../src/session/typed.ts";

test.each([
  ["", { kind: "nothing" }],
  ["   ", { kind: "nothing" }],
  ["CLEAR", { kind: "clear" }],
  ["clear all", { kind: "send", line: "clear all", times: 1 }],
  [" SET k v ", { kind: "send", line: "SET k v", times: 1 }],
  ["5 INCR x", { kind: "send", line: "INCR x", times: 5 }],
  ["999999 INCR x", { kind: "send", line: "INCR x", times: 1000 }],
  ["5", { kind: "send", line: "5", times: 1 }],
])("understands %j", (line, expected) => {
  expect(understand(line)).toEqual(expected);
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
