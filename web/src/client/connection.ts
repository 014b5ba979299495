/** One client of a node, as redis-cli would be one: commands in order, answers in order, messages in between. */

import { Decoder, type Push } from "./decode.ts";
import { roomFor, writeRequest } from "./encode.ts";
import type { Host } from "./host.ts";
import { RedisError, type Arg, type Reply, type ReplyOf } from "./types.ts";

interface Pending {
  resolve: (reply: Reply) => void;
  reject: (error: Error) => void;
}

export type MessageListener = (message: string, channel: string) => void;

export class Connection {
  readonly #host: Host;
  readonly #slot: number;
  readonly #decoder: Decoder;
  /** Who waits, from `#first` on: a queue that moves no elements. */
  #pending: (Pending | undefined)[] = [];
  #first = 0;
  /** The reply of the command being sent, if it comes at once. */
  #atOnce: Reply | undefined;
  #sending = false;
  #messages = new Map<string, Set<MessageListener>>();
  #onPush: ((push: Reply[]) => void) | null = null;
  #closed = false;
  readonly #take = (reply: Reply | Uint8Array | Push): void => this.#answered(reply as Reply | Push);

  /** With `asBytes`, bulk strings come as bytes. */
  constructor(host: Host, asBytes = false) {
    this.#host = host;
    this.#decoder = new Decoder(asBytes);
    this.#slot = host.connect({
      receive: (bytes) => this.#decoder.feed(bytes, this.#take),
      closed: () => this.#gone(),
    });
    // Its answer is of no interest; an error would show in what follows.
    void this.call("HELLO", 3);
  }

  /** Runs a command; rejects with a `RedisError` when that is the answer. */
  call<Name extends string>(name: Name, ...args: Arg[]): Promise<ReplyOf<Name>> {
    if (name.length > 8 && /subscribe$/i.test(name)) throw new Error(`${name} is not called: use the methods subscribe and psubscribe.`);
    return this.#call(name, args);
  }

  #call<Name extends string>(name: Name, args: readonly Arg[]): Promise<ReplyOf<Name>> {
    const reply = this.#send([name, ...args]);
    if (reply === undefined) return this.#wait() as Promise<ReplyOf<Name>>;
    return (reply instanceof RedisError ? Promise.reject(reply) : Promise.resolve(reply)) as Promise<ReplyOf<Name>>;
  }

  #wait(): Promise<Reply> {
    if (this.#first === this.#pending.length) this.#host.wait(1);
    return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
  }

  /** Runs commands one after the other, and resolves with all their replies, errors among them. */
  pipeline(commands: readonly (readonly [string, ...Arg[]])[]): Promise<Reply[]> {
    return Promise.all(commands.map((command) => this.call(...command).catch((error: unknown) => error as RedisError))) as Promise<Reply[]>;
  }

  /** Runs commands as one: MULTI and EXEC. Null when a watched key has changed. */
  async transaction(commands: readonly (readonly [string, ...Arg[]])[]): Promise<Reply[] | null> {
    const replies = await this.pipeline([["MULTI"], ...commands, ["EXEC"]]);
    const result = replies.at(-1);
    if (result instanceof RedisError) throw result;
    return result as Reply[] | null;
  }

  /** Listens to channels; returns how to stop. */
  async subscribe(channels: string | readonly string[], listener: MessageListener): Promise<() => Promise<void>> {
    return this.#listen("SUBSCRIBE", typeof channels === "string" ? [channels] : channels, listener);
  }

  /** As `subscribe`, for the channels that a pattern such as `news.*` names. */
  async psubscribe(patterns: string | readonly string[], listener: MessageListener): Promise<() => Promise<void>> {
    return this.#listen("PSUBSCRIBE", typeof patterns === "string" ? [patterns] : patterns, listener);
  }

  /** Whatever comes unasked and is no message of a channel: invalidated keys, lines of MONITOR. */
  onPush(listener: (push: Reply[]) => void): void {
    this.#onPush = listener;
  }

  close(): void {
    this.#host.disconnect(this.#slot);
    this.#gone();
  }

  async #listen(command: "SUBSCRIBE" | "PSUBSCRIBE", names: readonly string[], listener: MessageListener): Promise<() => Promise<void>> {
    for (const name of names) {
      const listeners = this.#messages.get(name) ?? new Set();
      this.#messages.set(name, listeners.add(listener));
    }
    await Promise.all(names.map((name) => this.#call(command, [name])));
    return async () => {
      for (const name of names) {
        const listeners = this.#messages.get(name);
        listeners?.delete(listener);
        if (listeners?.size !== 0) continue;
        this.#messages.delete(name);
        if (!this.#closed) await this.#call(command === "SUBSCRIBE" ? "UNSUBSCRIBE" : "PUNSUBSCRIBE", [name]);
      }
    };
  }

  /** The reply, if it came at once. */
  #send(args: readonly Arg[]): Reply | undefined {
    if (this.#closed) throw new Error("This connection is closed.");
    this.#atOnce = undefined;
    this.#sending = this.#first === this.#pending.length;
    this.#host.send(this.#slot, roomFor(args), (memory, at) => writeRequest(memory, at, args));
    this.#sending = false;
    return this.#atOnce;
  }

  #answered(reply: Reply | Push): void {
    if (isPush(reply)) return this.#pushed(reply.push);
    if (this.#sending) {
      this.#sending = false;
      this.#atOnce = reply;
      return;
    }
    // A line of MONITOR answers nobody.
    if (this.#first === this.#pending.length) return this.#unasked([reply]);
    const pending = this.#pending[this.#first];
    this.#pending[this.#first++] = undefined;
    if (this.#first === this.#pending.length) {
      this.#pending = [];
      this.#first = 0;
      this.#host.wait(-1);
    }
    if (reply instanceof RedisError) pending?.reject(reply);
    else pending?.resolve(reply);
  }

  #pushed(push: Reply[]): void {
    const [kind, ...rest] = push.map((part) => (part instanceof Uint8Array ? new TextDecoder().decode(part) : part));
    switch (kind) {
      case "message":
        return this.#tell(String(rest[0]), String(rest[1]), String(rest[0]));
      case "pmessage":
        return this.#tell(String(rest[0]), String(rest[2]), String(rest[1]));
      case "subscribe":
      case "unsubscribe":
      case "psubscribe":
      case "punsubscribe":
      case "ssubscribe":
      case "sunsubscribe":
        return this.#answered(rest[1] ?? null);
      default:
        return this.#unasked(push);
    }
  }

  #unasked(push: Reply[]): void {
    const listener = this.#onPush;
    if (listener) queueMicrotask(() => listener(push));
  }

  #tell(name: string, message: string, channel: string): void {
    // Not from within the engine's turn: a listener may run commands itself.
    for (const listener of this.#messages.get(name) ?? []) queueMicrotask(() => listener(message, channel));
  }

  #gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#first < this.#pending.length) this.#host.wait(-1);
    for (const pending of this.#pending.splice(0)) pending?.reject(new Error("The connection was closed."));
    this.#first = 0;
  }
}

function isPush(reply: Reply | Push): reply is Push {
  return typeof reply === "object" && reply !== null && "push" in reply && !Array.isArray(reply);
}
