/** A real server for a test of the page, and a second client of it over TCP. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Server {
  readonly #dir = mkdtempSync(join(tmpdir(), "redarium-page-"));
  #process: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    readonly httpPort: number,
    readonly settings: readonly string[],
  ) {}

  static async start(...settings: string[]): Promise<Server> {
    const server = new Server(await freePort(), await freePort(), settings);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}/`;
  }

  /** Its name at a prompt. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const binary = process.env["REDARIUM_BIN"];
    if (!binary) throw new Error("REDARIUM_BIN names the server");
    const args = ["--port", String(this.port), "--http-port", String(this.httpPort), "--save", "", "--dir", this.#dir, ...this.settings];
    this.#process = spawn(binary, args, { stdio: "ignore" });
    for (let tries = 0; tries < 200; tries++) {
      const client = await this.client().catch(() => null);
      client?.end();
      if (client) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error("the server does not listen");
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
    this.#process = null;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async client(): Promise<Socket> {
    const socket = connect(this.port, "127.0.0.1");
    await once(socket, "connect");
    return socket;
  }

  /** Runs lines as a second client would, in order; what was answered. */
  async run(...lines: string[]): Promise<string> {
    const socket = await this.client();
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.write([...lines, "QUIT"].map((line) => `${line}\r\n`).join(""));
    await once(socket, "close");
    return Buffer.concat(chunks).toString();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
