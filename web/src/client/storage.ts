/**
 * Where data is kept between runs: whole snapshots, as dump files that any Redis reads.
 *
 * Invariant: a snapshot that cannot be written leaves the one before it as it is.
 */

/** Anything that keeps one snapshot. */
export interface SnapshotStore {
  /** Null when there is none. */
  load(): Promise<Uint8Array | null>;
  save(snapshot: Uint8Array): Promise<void>;
}

/** By a name alone: a file under Node, IndexedDB elsewhere. */
export function storeFor(name: string | URL): SnapshotStore {
  const underNode = typeof globalThis.process?.getBuiltinModule === "function";
  return underNode ? fileStore(name) : indexedDBStore(String(name));
}

/** A file, replaced as a whole. */
export function fileStore(path: string | URL): SnapshotStore {
  const files = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (!files) throw new Error("There are no files here: keep the data in IndexedDB or OPFS.");
  const { fileURLToPath } = globalThis.process.getBuiltinModule("node:url");
  const target = path instanceof URL ? fileURLToPath(path) : path;
  return {
    async load() {
      try {
        return await files.readFile(target);
      } catch (error) {
        if ((error as { code?: string }).code === "ENOENT") return null;
        throw new Error(`The file ${target} cannot be read: ${words(error)}`);
      }
    },
    async save(snapshot) {
      const temporary = `${target}.${globalThis.process.pid}.tmp`;
      try {
        await files.writeFile(temporary, snapshot);
        await files.rename(temporary, target);
      } catch (error) {
        await files.rm(temporary, { force: true });
        throw new Error(`The file ${target} cannot be written: ${words(error)}`);
      }
    },
  };
}

/** A record of the database "redarium" of this origin. */
export function indexedDBStore(name: string): SnapshotStore {
  const act = async <T>(mode: IDBTransactionMode, what: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const database = await openDatabase();
    try {
      const transaction = database.transaction(STORE, mode);
      const request = what(transaction.objectStore(STORE));
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error ?? request.error);
      });
      return request.result;
    } finally {
      database.close();
    }
  };
  return {
    async load() {
      const found = await act<unknown>("readonly", (store) => store.get(name));
      return found instanceof Uint8Array ? found : null;
    },
    async save(snapshot) {
      await act("readwrite", (store) => store.put(snapshot, name)).catch((error: unknown) => {
        throw full(error) ?? new Error(`"${name}" cannot be kept in IndexedDB: ${words(error)}`);
      });
    },
  };
}

/** A file of this origin's private file system (OPFS). */
export function opfsStore(name: string): SnapshotStore {
  return {
    async load() {
      try {
        const root = await privateFiles();
        const file = await (await root.getFileHandle(name)).getFile();
        return new Uint8Array(await file.arrayBuffer());
      } catch (error) {
        if (error instanceof DOMException && error.name === "NotFoundError") return null;
        throw new Error(`"${name}" cannot be read from the private file system: ${words(error)}`);
      }
    },
    async save(snapshot) {
      try {
        const root = await privateFiles();
        const handle = await root.getFileHandle(name, { create: true });
        await replace(handle, snapshot);
      } catch (error) {
        throw full(error) ?? new Error(`"${name}" cannot be kept in the private file system: ${words(error)}`);
      }
    },
  };
}

async function privateFiles(): Promise<FileSystemDirectoryHandle> {
  // Browsers have it on pages by https and from this machine only.
  if (!globalThis.navigator?.storage?.getDirectory) throw new Error("there is none here");
  return navigator.storage.getDirectory();
}

/** What is written takes the file's place when it is closed. */
async function replace(handle: FileSystemFileHandle, bytes: Uint8Array): Promise<void> {
  const writable = await handle.createWritable();
  try {
    await writable.write(bytes as Uint8Array<ArrayBuffer>);
    await writable.close();
  } catch (error) {
    await writable.abort().catch(() => undefined);
    throw error;
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("redarium", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error(`There is no IndexedDB here: ${words(request.error)}`));
  });
}

function full(error: unknown): Error | null {
  const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
  return isFull ? new Error("This browser has no more room for the data: what was kept before is still there.") : null;
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const STORE = "snapshots";
