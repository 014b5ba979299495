/** The parts of the live mode that need no browser: what is asked of a server, and what becomes of its answers. */

import { describe, expect, it } from "vitest";
import type { Arg } from "../../src/client/types.ts";
import { request, type Answer } from "../../src/live/asker.ts";
import { databases, nodeOf, readInfo } from "../../src/live/info.ts";
import { glob, Keys } from "../../src/live/keys.ts";
import { Socket, type SocketLike } from "../../src/live/socket.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A server of so many keys, all strings of one byte; SCAN gives 500 a call and the first of each call twice. */
function server(total: number) {
  const asked: string[] = [];
  const ask = async (_db: number, ...args: Arg[]): Promise<Answer> => {
    const [command, first] = args;
    asked.push(String(command));
    switch (command) {
      case "SCAN": {
        const at = Number(first);
        const names = Array.from({ length: Math.min(500, total - at) }, (_, index) => bytes(`k${at + index}`));
        return [bytes(at + 500 >= total ? "0" : String(at + 500)), [...names.slice(0, 1), ...names]];
      }
      case "TYPE":
        return "string";
      case "OBJECT":
        return bytes("embstr");
      case "STRLEN":
        return 1;
      case "MEMORY":
        return 56;
      default:
        return -1;
    }
  };
  return { ask, asked };
}

describe("keys", () => {
  it("are scanned as far as somebody looks, and named once", async () => {
    const { ask, asked } = server(100_000);
    const keys = new Keys(ask);
    const page = await keys.page([{ db: 0, keys: 100_000 }], "", 0, 100);
    expect(page.total).toBe(100_000);
    expect(page.rows).toHaveLength(100);
    expect(page.rows.map((row) => row?.name)).toEqual(Array.from({ length: 100 }, (_, at) => `k${at}`));
    expect(asked.filter((name) => name === "SCAN")).toHaveLength(1);
    await keys.page([{ db: 0, keys: 100_000 }], "", 1000, 100);
    expect(asked.filter((name) => name === "SCAN")).toHaveLength(3);
    expect(asked).not.toContain("KEYS");
  });

  it("beyond what one question may cost come with the next one", async () => {
    const { ask, asked } = server(100_000);
    const keys = new Keys(ask);
    const far = await keys.page([{ db: 0, keys: 100_000 }], "", 90_000, 100);
    expect(far.rows).toEqual([]);
    expect(keys.isUnfinished).toBe(true);
    expect(asked.length).toBeLessThan(10);
  });

  it("of all databases are walked, and forgotten when that is asked for", async () => {
    const { ask, asked } = server(3);
    const keys = new Keys(ask);
    const all = [{ db: 0, keys: 3 }, { db: 5, keys: 3 }];
    expect((await keys.page(all, "", 0, 10)).rows.map((row) => row?.db)).toEqual([0, 0, 0, 5, 5, 5]);
    await keys.page(all, "", 0, 10);
    expect(asked.filter((name) => name === "SCAN")).toHaveLength(2);
    keys.forget();
    await keys.page(all, "", 0, 10);
    expect(asked.filter((name) => name === "SCAN")).toHaveLength(4);
  });

  it("are looked for by a part of their name, or by a pattern", () => {
    expect([glob(""), glob("user"), glob("user:*"), glob("a?"), glob("[ab]")]).toEqual([null, "*user*", "user:*", "a?", "[ab]"]);
  });
});

describe("INFO", () => {
  const text = "# Replication\r\nrole:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\nmaster_repl_offset:42\r\nslave0:ip=10.0.0.3,port=6380,state=online,offset=40,lag=1\r\n# Keyspace\r\ndb2:keys=5,expires=0,avg_ttl=0\r\ndb0:keys=3,expires=1,avg_ttl=9\r\n";

  it("tells of a node", () => {
    const node = nodeOf(readInfo(text), "here:1");
    expect(node).toMatchObject({ address: "here:1", role: "replica", master: "10.0.0.1:6379", masterLink: "connected", offset: 42, keys: 8, backlog: null });
    expect(node.replicas).toEqual([{ address: "10.0.0.3:6380", state: "online", ackOffset: 40 }]);
    expect(databases(readInfo(text))).toEqual([{ db: 0, keys: 3 }, { db: 2, keys: 5 }]);
  });

  it("may say nothing", () => {
    expect(nodeOf(readInfo(""), "here:1")).toMatchObject({ role: "master", keys: 0, offset: 0, replicas: [] });
  });
});

describe("the socket", () => {
  it("cuts what is long, and tells of its end once", () => {
    const sent: number[] = [];
    const reasons: string[] = [];
    const fake: SocketLike = { binaryType: "blob", onopen: null, onmessage: null, onclose: null, send: (piece) => void sent.push(piece.length), close: () => undefined };
    const socket = new Socket(() => fake, { onOpen: () => undefined, onBytes: () => undefined, onClose: (reason) => void reasons.push(reason) });
    socket.send(new Uint8Array(600_000));
    expect(sent).toEqual([262_144, 262_144, 75_712]);
    fake.onclose?.({ reason: "because" } as CloseEvent);
    fake.onclose?.({ reason: "again" } as CloseEvent);
    expect(reasons).toEqual(["because"]);
  });

  it("sends requests as Redis reads them", () => {
    expect(new TextDecoder().decode(request(["SET", bytes("k"), 7]))).toBe("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n7\r\n");
  });
});
