/** The engine without a page. Importing it does nothing. */

export { Redarium, type Fleet, type OpenOptions } from "./redarium.ts";
export { Connection, type MessageListener } from "./connection.ts";
export type { EngineSource } from "./module.ts";
export type { InProcessSocket } from "./duplex.ts";
export type { IoredisConnector, NodeRedisSocket } from "./connectors.ts";
export { fileStore, indexedDBStore, opfsStore, type SnapshotStore } from "./storage.ts";
export { RedisError, type Arg, type Replies, type Reply, type ReplyOf } from "./types.ts";
