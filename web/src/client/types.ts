/** What goes in and what comes out, as TypeScript sees it. */

/** One word of a command. Numbers are written as JavaScript prints them. */
export type Arg = string | number | bigint | Uint8Array;

/** A reply in RESP3's types: a string is a bulk or a status, and what is missing is null. */
export type Reply = string | number | bigint | boolean | null | Reply[] | Map<Reply, Reply> | Set<Reply> | RedisError;

/** An error that the server answered; `code` is its first word, such as WRONGTYPE. */
export class RedisError extends Error {
  override readonly name = "RedisError";
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.code = message.split(" ", 1)[0] ?? "";
  }
}

/** What the commonest commands answer; any other answers a `Reply`. */
export interface Replies {
  APPEND: number;
  BLPOP: [string, string] | null;
  BRPOP: [string, string] | null;
  DBSIZE: number;
  DECR: number;
  DECRBY: number;
  DEL: number;
  ECHO: string;
  EXISTS: number;
  EXPIRE: number;
  FLUSHALL: "OK";
  FLUSHDB: "OK";
  GET: string | null;
  GETDEL: string | null;
  GETEX: string | null;
  HDEL: number;
  HEXISTS: number;
  HGET: string | null;
  HGETALL: Map<string, string>;
  HINCRBY: number;
  HKEYS: string[];
  HLEN: number;
  HMGET: (string | null)[];
  HSET: number;
  HVALS: string[];
  INCR: number;
  INCRBY: number;
  INCRBYFLOAT: string;
  KEYS: string[];
  LINDEX: string | null;
  LLEN: number;
  LPUSH: number;
  LRANGE: string[];
  LREM: number;
  MGET: (string | null)[];
  MSET: "OK";
  PERSIST: number;
  PEXPIRE: number;
  PTTL: number;
  PUBLISH: number;
  RENAME: "OK";
  RPUSH: number;
  SADD: number;
  SCARD: number;
  SET: string | null;
  SETEX: "OK";
  SETNX: number;
  SISMEMBER: number;
  SMEMBERS: Set<string>;
  SREM: number;
  STRLEN: number;
  TTL: number;
  TYPE: string;
  UNLINK: number;
  WAIT: number;
  XACK: number;
  XADD: string | null;
  XDEL: number;
  XLEN: number;
  ZADD: number | null;
  ZCARD: number;
  ZINCRBY: number;
  ZRANK: number | null;
  ZREM: number;
  ZSCORE: number | null;
}

export type ReplyOf<Name extends string> = Uppercase<Name> extends keyof Replies ? Replies[Uppercase<Name>] : Reply;
