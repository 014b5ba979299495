import { expect, test } from "vitest";
import { Completion } from "../../src/session/completion.ts";
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

test("Tab walks through the words, and is done with a single one", () => {
  const completion = new Completion();
  const words = ["EX", "EXAT"];
  expect(completion.next("SET k v ex", words)).toBe("SET k v EX");
  expect(completion.holds("SET k v EX")).toBe(true);
  expect(completion.next("SET k v EX", [])).toBe("SET k v EXAT");
  expect(completion.next("SET k v EXAT", [])).toBe("SET k v EX");
  expect(completion.next("SET k v EX", [], -1)).toBe("SET k v EXAT");
  expect(completion.next("getr", ["GETRANGE"])).toBe("GETRANGE ");
  expect(completion.holds("GETRANGE ")).toBe(false);
  expect(completion.next("nosuch ", [])).toBe(null);
});

test("the history is searched from the newest line, each line once", () => {
  const history = new History(["SET a 1", "GET a", "SET a 1"]);
  history.add("SET b 2");
  expect([0, 1, 2].map((passOver) => history.search("SET", passOver))).toEqual(["SET b 2", "SET a 1", null]);
  expect(history.search("", 0)).toBe(null);
});
