import { Emitter } from "./emitter";
import type { Socket } from "./socket";
import type { Events, FileEntry, FileList } from "./wire.gen";

const PAGE_SIZE = 1000;
const RETRY_MS = 1_000;

type FileEvent = { [N in keyof Events]: [name: N, body: Events[N]] }[keyof Events];

/** The project's files in path order, kept current by events. */
export class ProjectFiles extends Emitter<{ change: [] }> {
  readonly #socket: Socket;
  readonly #byId = new Map<string, FileEntry>();
  #isLoaded = false;
  #loading = 0; // number of the newest load; an older one gives up
  #meanwhile: FileEvent[] | null = null; // events during a load: its pages may be older than they

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("resync", () => void this.#load());
    socket.events.on("files/created", (body) => this.#happen(["files/created", body]));
    socket.events.on("files/changed", (body) => this.#happen(["files/changed", body]));
    socket.events.on("files/copied", () => void this.#load());
    socket.events.on("files/restored", () => void this.#load());
    socket.events.on("files/rights_changed", () => void this.#load());
    socket.events.on("files/moved", (body) => {
      this.#happen(["files/moved", body]);
      if (body.isPartial) void this.#load();
    });
    socket.events.on("files/deleted", (body) => this.#happen(["files/deleted", body]));
  }

  /** Whether the list was fetched once; an empty list before that means nothing. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  list(): FileEntry[] {
    return [...this.#byId.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  find(path: string): FileEntry | undefined {
    return [...this.#byId.values()].find((file) => file.path === path);
  }

  async create(path: string, content = ""): Promise<FileEntry> {
    const file = await this.#socket.request("files/create", { path, content });
    this.#happen(["files/created", { file }]);
    return file;
  }

  /** Make an empty directory, and those above it that are missing. */
  async makeDirectory(path: string): Promise<FileEntry> {
    const file = await this.#socket.request("files/directory", { path });
    this.#happen(["files/created", { file }]);
    return file;
  }

  /** Bring back what was deleted, at another place when the old one is taken. */
  async restore(id: string, to: string | null = null): Promise<FileEntry> {
    return this.#socket.request("files/restore", { id, to });
  }

  /** Move a file or a whole tree. */
  async move(path: string, to: string): Promise<FileEntry> {
    return this.#socket.request("files/move", { path, to });
  }

  /** Delete a file or a whole tree; returns the paths that are gone. */
  async remove(path: string): Promise<string[]> {
    return (await this.#socket.request("files/delete", { path })).paths;
  }

  async #load(): Promise<void> {
    const load = ++this.#loading;
    this.#meanwhile = [];
    try {
      const files = await this.#fetchAll(() => load === this.#loading);
      if (load === this.#loading) this.#replace(files);
    } catch {
      setTimeout(() => load === this.#loading && this.#socket.status === "online" && void this.#load(), RETRY_MS);
    }
  }

  async #fetchAll(isWanted: () => boolean): Promise<FileEntry[]> {
    const files: FileEntry[] = [];
    let after: string | null = null;
    do {
      const page: FileList = await this.#socket.request("files/list", { after, limit: PAGE_SIZE });
      files.push(...page.files);
      after = page.next;
    } while (after !== null && isWanted());
    return files;
  }

  #replace(files: FileEntry[]): void {
    const missed = this.#meanwhile ?? [];
    this.#meanwhile = null;
    this.#byId.clear();
    for (const file of files) this.#byId.set(file.id, file);
    for (const event of missed) this.#apply(event);
    this.#isLoaded = true;
    this.emit("change");
  }

  #happen(event: FileEvent): void {
    this.#meanwhile?.push(event);
    this.#apply(event);
    this.emit("change");
  }

  #apply(event: FileEvent): void {
    switch (event[0]) {
      case "files/created":
      case "files/changed":
        this.#byId.set(event[1].file.id, event[1].file);
        return;
      case "files/deleted":
        for (const { id } of event[1].deleted) this.#byId.delete(id);
        return;
      case "files/moved":
        for (const { id, to } of event[1].moved) {
          const file = this.#byId.get(id);
          if (file) this.#byId.set(id, { ...file, path: to });
        }
    }
  }
}
