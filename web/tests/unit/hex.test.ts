import { expect, test } from "vitest";
import { escaped, hexRows } from "../../src/hex.ts";

const raw = new TextEncoder().encode("*1\r\n$4\r\nPING\r\n");
const parts = [
  { start: 0, end: 4, meaning: "an array of 1" },
  { start: 4, end: 14, meaning: "a bulk string" },
];

test("rows hold offset, hexadecimal, text and the part of each byte", () => {
  const rows = hexRows(raw, parts, 8);
  expect(rows.map(({ offset }) => offset)).toEqual(["0000", "0008"]);
  expect(rows[0]?.bytes.map(({ hex }) => hex).join(" ")).toBe("2a 31 0d 0a 24 34 0d 0a");
  expect(rows[1]?.bytes.map(({ text }) => text).join("")).toBe("PING··");
  expect(rows[0]?.bytes.map(({ part }) => part)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  expect(rows[1]?.bytes[0]?.at).toBe(8);
});

test("a byte that no part names has none", () => {
  expect(hexRows(Uint8Array.of(1, 2), [{ start: 0, end: 1, meaning: "" }], 16)[0]?.bytes.map(({ part }) => part)).toEqual([0, null]);
});

test("a part may reach past bytes that were left out", () => {
  expect(hexRows(Uint8Array.of(1), [{ start: 0, end: 900, meaning: "" }], 16)).toHaveLength(1);
});

test.each([
  [[0x2a, 0x33, 0x0d, 0x0a], "*3\\r\\n"],
  [[0xfa, 0x09, 0x5c, 0x41], "\\xfa\\t\\\\A"],
  [[], ""],
])("escapes %j", (bytes, expected) => {
  expect(escaped(Uint8Array.from(bytes))).toBe(expected);
});
