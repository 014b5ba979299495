/**
 * A connection as a stream of Node's, for client libraries that would open a socket.
 *
 * It has what such libraries ask of a socket, and no more: nothing is waited for, so
 * there is nothing to time out or to keep alive.
 */

import type { Duplex } from "node:stream";
import type { Host } from "./host.ts";

export type InProcessSocket = Duplex & { readonly remoteAddress: string; readonly remotePort: number };

/** Opens a connection. Only under Node, whose streams these are. */
export function openDuplex(host: Host): InProcessSocket {
  const streams = globalThis.process?.getBuiltinModule?.("node:stream");
  if (!streams) throw new Error("Streams of this kind are Node's: use connect() here.");
  // A reply that came while its request is being written would find nobody who waits for it.
  const later = (bytes: Uint8Array | null) => process.nextTick(() => stream.destroyed || stream.push(bytes));
  const [remoteAddress, remotePort] = split(host.address);
  const stream = new streams.Duplex({
    allowHalfOpen: false,
    read() {},
    write(chunk: Uint8Array, _encoding, done) {
      host.sendBytes(slot, chunk);
      done();
    },
    writev(chunks: { chunk: Uint8Array }[], done) {
      host.sendBytes(slot, Buffer.concat(chunks.map(({ chunk }) => chunk)));
      done();
    },
    final(done) {
      leave();
      stream.push(null);
      done();
    },
    destroy(error, done) {
      leave();
      done(error);
    },
  });
  const slot = host.connect({
    receive: (bytes) => later(Buffer.from(bytes)),
    closed: () => later(null),
  });
  host.wait(1);
  let open = true;
  const leave = () => {
    if (open) host.wait(-1);
    open = false;
    host.disconnect(slot);
  };
  const itself = () => stream;
  const socket = { remoteAddress, remotePort, connecting: false, setKeepAlive: itself, setNoDelay: itself, setTimeout: itself, ref: itself, unref: itself };
  return Object.assign(stream, socket);
}

function split(address: string): [string, number] {
  const at = address.lastIndexOf(":");
  return [address.slice(0, at), Number(address.slice(at + 1))];
}
