/** How unmodified client libraries get to a node of this program: by the hooks that they offer. */

import { openDuplex, type InProcessSocket } from "./duplex.ts";
import type { Host } from "./host.ts";

/** What ioredis asks of the class that its option `Connector` names. */
export interface IoredisConnector {
  readonly stream?: InProcessSocket;
  check(info: unknown): boolean;
  connect(reportError: (error: Error) => void): Promise<InProcessSocket>;
  disconnect(): void;
}

/** For `new Redis({ Connector: r.ioredisConnector() })`. */
export function ioredisConnector(host: Host): new (options?: unknown) => IoredisConnector {
  return class InProcessConnector implements IoredisConnector {
    stream?: InProcessSocket;
    #wanted = false;

    check(): boolean {
      return true;
    }

    async connect(): Promise<InProcessSocket> {
      this.#wanted = true;
      // As with a socket, nothing happens before whoever asked has finished asking.
      await new Promise((resolve) => process.nextTick(resolve));
      if (!this.#wanted) throw new Error("Connection is closed.");
      this.stream = openDuplex(host);
      return this.stream;
    }

    disconnect(): void {
      this.#wanted = false;
      this.stream?.end();
    }
  };
}

/** What node-redis passes on to `tls.connect`. */
export interface NodeRedisSocket {
  readonly tls: true;
  readonly socket: InProcessSocket;
  readonly ciphers: string;
  readonly maxVersion: "TLSv1.2";
  readonly reconnectStrategy: false;
  pskCallback(): { psk: Uint8Array; identity: string };
  checkServerIdentity(): undefined;
}

/**
 * For `createClient({ socket: r.nodeRedisSocket() })`. node-redis opens its sockets itself; but over TLS it
 * passes on a stream to speak through. So it speaks TLS within the process, with a key made for it here,
 * and no certificate.
 */
export function nodeRedisSocket(host: Host): NodeRedisSocket {
  const { randomBytes } = process.getBuiltinModule("node:crypto");
  const psk = randomBytes(32);
  return {
    tls: true,
    // Each client that is made from these options reads it once.
    get socket() {
      return tlsEnd(host, psk);
    },
    ciphers: CIPHER,
    maxVersion: "TLSv1.2",
    reconnectStrategy: false,
    pskCallback: () => ({ psk, identity: "in-process" }),
    checkServerIdentity: () => undefined,
  };
}

/** The client's end of a pair of streams, with TLS's other side and the node behind it. */
function tlsEnd(host: Host, psk: Uint8Array): InProcessSocket {
  const { Duplex } = process.getBuiltinModule("node:stream");
  const tls = process.getBuiltinModule("node:tls");
  const [near, far] = pair(Duplex);
  const server = new tls.TLSSocket(far as never, { isServer: true, ciphers: CIPHER, maxVersion: "TLSv1.2", pskCallback: () => psk } as never);
  const inner = openDuplex(host);
  server.pipe(inner).pipe(server);
  const end = () => {
    inner.destroy();
    server.destroy();
    near.destroy();
  };
  server.on("error", end).on("close", end);
  near.on("close", end);
  return Object.assign(near, { remoteAddress: inner.remoteAddress, remotePort: inner.remotePort });
}

type DuplexClass = typeof import("node:stream").Duplex;
type DuplexStream = import("node:stream").Duplex;

/** Two streams, of which each reads what the other writes. */
function pair(Duplex: DuplexClass): [DuplexStream, DuplexStream] {
  const make = (other: () => DuplexStream): DuplexStream =>
    new Duplex({
      read() {},
      write(chunk: Uint8Array, _encoding, done) {
        other().push(chunk);
        // Not at once: TLS on both sides would call itself.
        setImmediate(done);
      },
      final(done) {
        other().push(null);
        done();
      },
    });
  const near: DuplexStream = make(() => far);
  const far: DuplexStream = make(() => near);
  return [near, far];
}

/** A key both sides know, and no certificates. */
const CIPHER = "PSK-AES128-GCM-SHA256";
