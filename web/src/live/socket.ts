/**
 * A connection to the server that the page came from: bytes over a WebSocket, as a client's over TCP.
 *
 * Invariant: after `onClose` nothing more comes, and it comes once.
 */

export interface SocketListener {
  onOpen(): void;
  onBytes(bytes: Uint8Array): void;
  /** The connection is gone, or did not come about. `reason` is what the server said, or empty. */
  onClose(reason: string): void;
}

/** What the page uses of a WebSocket; tests have another. */
export interface SocketLike {
  binaryType: BinaryType;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export type Dial = () => SocketLike;

/** The server takes no longer messages; where one ends means nothing. */
const MESSAGE_BYTES_MAX = 256 * 1024;

export class Socket {
  readonly #socket: SocketLike;
  #listener: SocketListener | null;
  isOpen = false;

  constructor(dial: Dial, listener: SocketListener) {
    this.#listener = listener;
    this.#socket = dial();
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => {
      this.isOpen = true;
      this.#listener?.onOpen();
    };
    this.#socket.onmessage = ({ data }) => data instanceof ArrayBuffer && this.#listener?.onBytes(new Uint8Array(data));
    this.#socket.onclose = ({ reason }) => this.#end(reason);
  }

  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += MESSAGE_BYTES_MAX) this.#socket.send(bytes.slice(at, at + MESSAGE_BYTES_MAX));
  }

  /** Ends it without a word to the listener. */
  drop(): void {
    this.#listener = null;
    this.isOpen = false;
    this.#socket.close();
  }

  #end(reason: string): void {
    this.isOpen = false;
    const listener = this.#listener;
    this.#listener = null;
    listener?.onClose(reason);
  }
}

/** The server behind a page: where its WebSocket is, and its own address for the prompt. */
export interface Place {
  url: URL;
  address: string;
}

/** Where the server said it is, in the page it served; null of a page that no such server has served. */
export function serverPlace(): Place | null {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="redarium-server"]');
  if (!meta) return null;
  const url = new URL(meta.content, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return { url, address: `${url.hostname}:${meta.dataset["port"] ?? url.port}` };
}
