import { expect, test } from "vitest";
import { connection } from "../../src/inspect/connection.ts";
import { frameOf, netOf } from "../../src/inspect/map.ts";

test("a line of CLIENT LIST is taken apart, its flags put in words", () => {
  const told = connection({ line: "id=3 addr=10.0.0.1:40 name= flags=xb cmd=client|list\n", waitsFor: "BLPOP q" });
  expect([told.id, told.fields.get("addr"), told.fields.get("name"), told.state, told.waitsFor]).toEqual(["3", "10.0.0.1:40", "", "inside MULTI, blocked", "BLPOP q"]);
});

test("a map holds all its places, in the picture's shape, with a few lines at round degrees", () => {
  const palermo = { longitude: 13.361389, latitude: 38.115556 };
  const catania = { longitude: 15.087269, latitude: 37.502669 };
  const frame = frameOf([palermo, catania], 1.6);
  for (const { longitude, latitude } of [palermo, catania]) {
    expect(longitude > frame.west && longitude < frame.east && latitude > frame.south && latitude < frame.north).toBe(true);
  }
  expect((frame.east - frame.west) / (frame.north - frame.south)).toBeCloseTo(1.6);
  const { longitudes, latitudes } = netOf(frame);
  expect([longitudes, latitudes]).toEqual([[13, 13.5, 14, 14.5, 15, 15.5].filter((at) => at > frame.west && at < frame.east), [37, 37.5, 38, 38.5].filter((at) => at > frame.south && at < frame.north)]);
});

test("one place has a map of its street", () => {
  const frame = frameOf([{ longitude: 0, latitude: 51.4779 }], 1.6);
  expect(frame.north - frame.south).toBeCloseTo(0.002);
  expect(netOf(frame).longitudes).toContain(0);
});
