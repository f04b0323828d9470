import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { Backoff } from "./backoff";
import { Channel } from "./channel";
import { type DocumentStatus, type Ending, statusOf } from "./document_status";
import { Emitter } from "./emitter";
import { ConnectionLost, type EndedBody, errorBody, RequestError } from "./errors";
import type { ChannelMessage } from "./frames";
import { Replica } from "./replica";
import type { Socket } from "./socket";
import { Allowance, Timers } from "./timers";
import type { NumberedEdit } from "./unsaved";
import { MessageType as T, type Opened } from "./wire.gen";

interface DocumentEvents {
  status: [status: DocumentStatus];
  /** `text` is there and synced: at the first opening, and for each new replica after an ending. */
  replica: [];
  ended: [ending: Ending];
  /** `path` or `access` changed. */
  opened: [];
}

export interface DocumentOptions {
  path: string;
  /** Make an empty file when the path has no history. */
  create?: boolean;
}

const STOPPING_CODES = new Set(["gone", "not_found", "quarantined"]); // any other ending is of the replica, not of the document
const RESTARTING_AT_OPEN = new Set(["foreign_lineage", "replica_ended"]);
const DRAIN_CHECK_MS = 50;
const GAP_PATIENCE_MS = 1_000;

/** One document of a project, kept in step with the server across reconnects; no local edit is dropped silently. */
export class SharedDocument extends Emitter<DocumentEvents> {
  readonly #socket: Socket;
  readonly #create: boolean;
  readonly #unlisten: (() => void)[];
  readonly #backoff = new Backoff();
  readonly #timers = new Timers<"reopen" | "drain" | "gap">();
  readonly #restarts = new Allowance(3, 60_000); // needing more means that starting anew does not help
  #replica: Replica;
  #path: string;
  #opened: Opened | null = null; // the newest opening, perhaps of an earlier connection
  #channel: Channel | null = null; // null while the document is not open on the present connection
  #isOpening = false;
  #isSynced = false; // this replica was whole once
  #isEnded = false;
  #status: DocumentStatus = "connecting";

  constructor(socket: Socket, options: DocumentOptions) {
    super();
    this.#socket = socket;
    this.#path = options.path;
    this.#create = options.create ?? false;
    this.#replica = this.#newReplica();
    this.#unlisten = [
      socket.on("welcome", () => this.#open()),
      socket.on("lost", () => this.#disconnect()),
      socket.on("status", () => this.#refresh()),
      socket.events.on("files/moved", ({ moved }) => {
        const move = moved.find((entry) => entry.id === this.#opened?.documentId);
        if (move) this.#moveTo(move.to);
      }),
      socket.events.on("documents/access_changed", ({ channel, access }) => {
        if (this.#opened && channel === this.#channel?.opened.channel) this.#regrant({ ...this.#opened, access });
      }),
    ];
    if (socket.status === "online") this.#open();
    this.#refresh();
  }

  get status(): DocumentStatus {
    return this.#status;
  }

  /** The current path; another than the one asked for when the file was moved. */
  get path(): string {
    return this.#path;
  }

  get id(): string | null {
    return this.#opened?.documentId ?? null;
  }

  get access(): "read" | "write" | null {
    return this.#opened?.access ?? null;
  }

  /** The shared text, null until it is whole; another object after each `replica` event. */
  get text(): Y.Text | null {
    return this.#opened && this.#isSynced ? this.#replica.doc.getText(this.#opened.rootName) : null;
  }

  get awareness(): Awareness {
    return this.#replica.cursors.awareness;
  }

  /** Whether there are local edits that no Saved covers. */
  get hasUnsaved(): boolean {
    return !this.#replica.unsaved.isEmpty;
  }

  /** What was typed here and no Saved covers, or of it only what the server refused; null when there is nothing. */
  unsavedWords(refusedFrom: number | null = null): string | null {
    return this.#opened ? this.#replica.unsavedWords(this.#opened.rootName, refusedFrom) : null;
  }

  /** Wait until every edit made so far is committed; rejects when the document ends before. */
  whenSaved(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): boolean => {
        if (this.#status === "saved") resolve();
        else if (this.#status === "ended") reject(new Error("The document ended before it was saved."));
        else return false;
        return true;
      };
      if (settle()) return;
      const unlisten = this.on("status", () => settle() && unlisten());
    });
  }

  /** Leave the document. Edits that are not saved are lost: see `whenSaved`. */
  close(): void {
    this.#replica.destroy(); // tells the others while the channel is still open
    this.#channel?.close();
    this.#end();
  }

  #newReplica(): Replica {
    return new Replica(
      () => this.#flush(),
      (update) => this.#isSynced && this.#channel?.sendAwareness(update),
    );
  }

  #open(): void {
    if (this.#isEnded || this.#isOpening || this.#channel) return;
    this.#isOpening = true;
    const body = { path: this.#path, stateVector: this.#replica.stateVector(), create: this.#create };
    this.#socket
      .request("documents/open", body, { isBoundToConnection: true, onReply: (opened) => this.#attach(opened) })
      .catch((error: unknown) => this.#openFailed(error));
    this.#refresh();
  }

  #attach(opened: Opened): void {
    this.#isOpening = false;
    const channel = new Channel(this.#socket, opened, (message) => this.#receive(message));
    if (this.#isEnded) return channel.close();
    this.#opened = opened;
    this.#channel = channel;
    this.#moveTo(opened.path);
    this.#refresh();
    this.emit("opened");
  }

  #openFailed(error: unknown): void {
    if (error instanceof ConnectionLost || !this.#isOpening) return;
    this.#isOpening = false;
    if (!(error instanceof RequestError)) throw error;
    if (error.body.retry) this.#timers.start("reopen", this.#backoff.next(), () => this.#open());
    else this.#finish({ ...error.body, recoveryId: null }, RESTARTING_AT_OPEN.has(error.body.code));
  }

  #receive(message: ChannelMessage): void {
    try {
      this.#handle(message);
    } catch (error) {
      const text = `An edit could not be applied: ${error instanceof Error ? error.message : String(error)}`;
      this.#finish({ ...errorBody("invalid", text), recoveryId: null }, true); // it may be applied by half
    }
  }

  #handle(message: ChannelMessage): void {
    switch (message[0]) {
      case T.EDIT:
        return this.#applyEdit(message[2]);
      case T.SAVED:
        this.#replica.unsaved.saved(message[2]);
        return this.#refresh();
      case T.AWARENESS:
        return this.#replica.cursors.apply(message[2]);
      case T.SYNC:
        return this.#takePart(message[3], message[2]);
      case T.ASK:
        return this.#answer(message[2]);
      case T.STORAGE:
        return this.#storageTold(message[2]);
      case T.ENDED:
        return this.#finish(message[2], !STOPPING_CODES.has(message[2].code));
    }
  }

  #applyEdit(update: Uint8Array): void {
    this.#replica.apply(update);
    if (this.#replica.hasGap) this.#timers.startOnce("gap", GAP_PATIENCE_MS, () => this.#askAgain());
  }

  /** Edits wait for others that did not come: ask for what is missing. */
  #askAgain(): void {
    if (this.#replica.hasGap) this.#channel?.requestSync(this.#replica.stateVector());
  }

  #takePart(part: Uint8Array, more: boolean): void {
    if (!this.#replica.takePart(part, more) || !this.#channel) return;
    const isFirst = !this.#isSynced;
    this.#isSynced = this.#channel.isLevel = true;
    this.#settle();
    if (isFirst) this.emit("replica");
  }

  #answer(stateVector: Uint8Array): void {
    if (!this.#channel) return;
    const edit = this.#replica.answer(stateVector);
    if (edit) this.#sendEdit(edit);
    this.#channel.isAnswered = true;
    this.#settle();
  }

  #storageTold(isReachable: boolean): void {
    if (this.#channel) this.#channel.isStorageReachable = isReachable;
    this.#refresh();
  }

  /** Go on after a step of the sync. */
  #settle(): void {
    if (this.#channel?.isReady) {
      this.#backoff.reset();
      this.#replica.cursors.announce();
    }
    this.#flush();
  }

  /** Send what waits: at once, or merged when the transport is behind. Before the Ask nothing: its answer covers it. */
  #flush(): void {
    if (this.#channel?.isAnswered && this.#replica.unsaved.hasWaiting) {
      if (this.#channel.isBehind) this.#timers.startOnce("drain", DRAIN_CHECK_MS, () => this.#flush());
      else this.#sendEdit(this.#replica.unsaved.take());
    }
    this.#refresh();
  }

  #sendEdit(edit: NumberedEdit): void {
    if (this.#channel?.sendEdit(edit) === false) this.#finish({ ...errorBody("too_large"), recoveryId: null }, true);
  }

  /** The server lets us write now, or only read. What it does not take any more it ends the replica for. */
  #regrant(opened: Opened): void {
    this.#opened = opened;
    this.emit("opened");
  }

  #moveTo(path: string): void {
    if (path === this.#path) return;
    this.#path = path;
    this.emit("opened");
  }

  #disconnect(): void {
    if (this.#isEnded) return;
    this.#channel = null;
    this.#isOpening = false;
    this.#timers.clear();
    this.#replica.disconnect();
    this.#refresh();
  }

  /** The replica is over; go on with a new one when that can help. */
  #finish(why: EndedBody, canRestart: boolean): void {
    this.#channel?.detach();
    this.#channel = null;
    if (why.retry) return this.#reopen();
    const text = this.hasUnsaved ? this.#wholeText() : null;
    const words = this.unsavedWords(why.refusedFrom);
    const isRestarting = canRestart && this.#restarts.use();
    this.#replica.destroy();
    if (isRestarting) this.#restart();
    else this.#end();
    this.emit("ended", { ...why, text, words, isRestarting });
  }

  #wholeText(): string | null {
    return this.#opened && this.#replica.doc.getText(this.#opened.rootName).toString();
  }

  /** Nothing is wrong with the replica, only with its channel. */
  #reopen(): void {
    this.#disconnect();
    this.#timers.start("reopen", this.#backoff.next(), () => this.#open());
  }

  #restart(): void {
    this.#timers.clear();
    this.#isSynced = false;
    this.#replica = this.#newReplica();
    if (this.#socket.status === "online") this.#open();
  }

  #end(): void {
    this.#isEnded = true;
    this.#channel = null;
    this.#timers.clear();
    for (const unlisten of this.#unlisten) unlisten();
    this.#refresh();
  }

  #refresh(): void {
    const status = this.#isEnded ? "ended" : statusOf(this.#socket.status, this.#channel, this.hasUnsaved);
    if (status === this.#status) return;
    this.#status = status;
    this.emit("status", status);
  }
}
