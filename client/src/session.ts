import { type DocumentOptions, SharedDocument } from "./document";
import { ProjectFiles } from "./files";
import { Socket, type SocketOptions } from "./socket";

/** A person's work in one project: its socket, its files, and the documents that are open. */
export class ProjectSession {
  readonly socket: Socket;
  readonly files: ProjectFiles;
  readonly #documents = new Set<SharedDocument>();
  readonly #leaving = new WeakSet<SharedDocument>();
  readonly #comeBack = (): void => {
    if (this.socket.status === "offline") this.socket.connect();
  };

  constructor(options: SocketOptions) {
    this.socket = new Socket(options);
    this.files = new ProjectFiles(this.socket);
    globalThis.addEventListener?.("online", this.#comeBack);
    this.socket.connect();
  }

  /** Open a file; the same object while it is open. Give it back with `release`. */
  open(options: DocumentOptions): SharedDocument {
    const known = [...this.#documents].find((document) => document.path === options.path);
    if (known && known.status !== "ended") {
      this.#leaving.delete(known);
      return known;
    }
    const document = new SharedDocument(this.socket, options);
    this.#documents.add(document);
    return document;
  }

  /** Close a document as soon as all of it is saved. */
  release(document: SharedDocument): void {
    this.#leaving.add(document);
    document.whenSaved().then(
      () => this.#leaving.has(document) && this.#drop(document),
      () => this.#drop(document),
    );
  }

  /** Whether leaving now would lose edits. */
  get hasUnsaved(): boolean {
    return this.unsaved.length > 0;
  }

  /** The documents that hold edits which no Saved covers. */
  get unsaved(): SharedDocument[] {
    return [...this.#documents].filter((document) => document.status !== "ended" && document.hasUnsaved);
  }

  /** End everything at once, saved or not. */
  close(): void {
    globalThis.removeEventListener?.("online", this.#comeBack);
    for (const document of [...this.#documents]) this.#drop(document);
    this.socket.close();
  }

  #drop(document: SharedDocument): void {
    this.#documents.delete(document);
    if (document.status !== "ended") document.close();
  }
}
