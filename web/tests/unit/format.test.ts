import { expect, test } from "vitest";
import { bytes, clipped, clockTime, count, duration, elapsedSuffix, fitting, host, plural, shortId } from "../../src/format.ts";

test.each([
  [count(1234567), "1,234,567"],
  [plural(1, "key"), "1 key"],
  [plural(0, "key"), "0 keys"],
  [clockTime(0), "0.000"],
  [clockTime(12_482_100), "12.482"],
  [clockTime(61_500_000), "1:01.500"],
  [duration(80), "80 µs"],
  [duration(1500), "1.5 ms"],
  [duration(200_000), "200 ms"],
  [duration(1_250_000), "1.3 s"],
  [bytes(37), "37 B"],
  [bytes(9999), "9,999 B"],
  [bytes(1_048_576), "1 MB"],
  [shortId("8f2c91d04be7"), "8f2c91d0"],
  [host("10.0.0.1:6379"), "10.0.0.1"],
  [host("10.0.0.1:7000"), "10.0.0.1:7000"],
  [clipped("SET k v", 7), "SET k v"],
  [clipped("SET key value", 7), "SET ke…"],
  [fitting("SET key value", 13), "SET key value"],
  [fitting("SET key value", 12), "SET key"],
  [fitting("SET key value", 2), ""],
  [elapsedSuffix(499_999), null],
  [elapsedSuffix(1_234_000), "(1.23s)"],
])("%s", (said, expected) => {
  expect(said).toBe(expected);
});
