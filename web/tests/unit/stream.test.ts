import { describe, expect, test } from "vitest";
import type { StreamView } from "../../src/engine/types.ts";
import { boxes, compareIds } from "../../src/ui/stream-boxes.ts";

const stream = (marks: Record<string, string>): StreamView => ({
  kind: "stream",
  entries: ["1-1", "1-2", "5-0", "18446744073709551615-1"].map((id) => ({ id, fields: [] })),
  nodes: [
    { id: "1-0", bytes: 10 },
    { id: "5-0", bytes: 20 },
  ],
  lastId: "18446744073709551615-1",
  groups: Object.entries(marks).map(([name, lastId]) => ({
    name,
    lastId,
    lag: 0,
    pendingCount: 1,
    pending: [{ id: "1-2", consumer: "c", deliveredMs: 0, deliveries: 1 }],
    consumers: [],
  })),
});

describe("a stream's boxes", () => {
  test("an entry is in the last node that begins at or before it", () => {
    expect(boxes(stream({})).map((box) => [box.node.id, box.entries.map((entry) => entry.id)])).toEqual([
      ["1-0", ["1-1", "1-2"]],
      ["5-0", ["5-0", "18446744073709551615-1"]],
    ]);
  });

  test("a group's mark stands at the last entry it was given", () => {
    const marked = (lastId: string) => boxes(stream({ g: lastId })).flatMap((box) => box.entries.filter((entry) => entry.marks.includes("g")).map((entry) => entry.id));
    expect(marked("1-2")).toEqual(["1-2"]);
    expect(marked("3-0")).toEqual(["1-2"]);
    expect(marked("18446744073709551615-9")).toEqual(["18446744073709551615-1"]);
    expect(marked("0-0")).toEqual([]);
  });

  test("what is pending for anybody is told apart", () => {
    expect(boxes(stream({ g: "5-0" })).flatMap((box) => box.entries.map((entry) => entry.pending))).toEqual([false, true, false, false]);
  });

  test("ids are compared as numbers, however large", () => {
    expect(compareIds("9-0", "10-0")).toBe(-1);
    expect(compareIds("18446744073709551615-2", "18446744073709551615-1")).toBe(1);
    expect(compareIds("1-1", "1-1")).toBe(0);
  });
});
