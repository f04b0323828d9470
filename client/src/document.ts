import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { Backoff } from "./backoff";
import { Emitter } from "./emitter";
import { ConnectionLost, type EndedBody, errorBody, RequestError } from "./errors";
import type { ChannelMessage } from "./frames";
import { Replica } from "./replica";
import type { Socket } from "./socket";
import { Allowance, Timers } from "./timers";
import type { NumberedEdit } from "./unsaved";
import { MessageType as T, type Opened } from "./wire.gen";

/**
 * `saved`: every local edit is committed. `saving`: on the way. `unsaved`: the server's storage is not reachable.
 * `offline`: no connection; edits are kept here. `ended`: over, see the `ended` event.
 */
export type DocumentStatus = "connecting" | "syncing" | "saved" | "saving" | "unsaved" | "offline" | "ended";

/** A replica was given up. */
export interface Ending extends EndedBody {
  /** The text of the replica, when it had edits that were not saved. */
  text: string | null;
  /** Whether the document is opened anew from the server's copy. */
  isRestarting: boolean;
}

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

type Phase = "closed" | "opening" | "syncing" | "ready" | "ended";

const STOPPING_CODES = new Set(["gone", "quarantined"]); // any other ending is of the replica, not of the document
const RESTARTING_AT_OPEN = new Set(["foreign_lineage", "replica_ended"]);
const HIGH_WATER_BYTES = 64 * 1024; // above this edits wait and are merged, below it each leaves at once
const DRAIN_CHECK_MS = 50;
const GAP_PATIENCE_MS = 1_000;
const FRAME_OVERHEAD_BYTES = 64; // array, type, channel, n and the length of the update

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
  #phase: Phase = "closed";
  #isSynced = false; // this replica was whole once
  #isLevel = false; // the sync of this opening is complete
  #isAnswered = false; // the server has, or is about to have, everything older than the next edit
  #isStorageReachable = true;
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
    const channel = this.#channel();
    this.#replica.destroy(); // tells the others while the channel is still open
    this.#end();
    if (channel === null) return;
    this.#socket.detach(channel);
    this.#socket.request("documents/close", { channel }, { isBoundToConnection: true }).catch(() => undefined);
  }

  #newReplica(): Replica {
    return new Replica(
      () => this.#flush(),
      (update) => this.#sendCursor(update),
    );
  }

  /** The channel on the present connection, null while there is none. */
  #channel(): number | null {
    return this.#opened && (this.#phase === "syncing" || this.#phase === "ready") ? this.#opened.channel : null;
  }

  #open(): void {
    if (this.#phase !== "closed") return;
    this.#phase = "opening";
    const body = { path: this.#path, stateVector: this.#replica.stateVector(), create: this.#create };
    this.#socket
      .request("documents/open", body, { isBoundToConnection: true, onReply: (opened) => this.#attach(opened) })
      .catch((error: unknown) => this.#openFailed(error));
    this.#refresh();
  }

  #attach(opened: Opened): void {
    if (this.#phase === "ended") return;
    this.#opened = opened;
    this.#phase = "syncing";
    this.#isLevel = false;
    this.#isAnswered = opened.access === "read"; // nobody asks a reader
    this.#isStorageReachable = opened.storageReachable;
    this.#socket.attach(opened.channel, (message) => this.#receive(message));
    this.#moveTo(opened.path);
    this.#refresh();
    this.emit("opened");
  }

  #openFailed(error: unknown): void {
    if (error instanceof ConnectionLost || this.#phase !== "opening") return;
    this.#phase = "closed";
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
        this.#isStorageReachable = message[2];
        return this.#refresh();
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
    const channel = this.#channel();
    if (channel === null || !this.#replica.hasGap) return;
    this.#socket.send([T.SYNC, channel, this.#replica.stateVector()]);
  }

  #takePart(part: Uint8Array, more: boolean): void {
    if (!this.#replica.takePart(part, more)) return;
    const isFirst = !this.#isSynced;
    this.#isSynced = this.#isLevel = true;
    this.#settle();
    if (isFirst) this.emit("replica");
  }

  #answer(stateVector: Uint8Array): void {
    const edit = this.#replica.answer(stateVector);
    if (edit) this.#sendEdit(edit);
    this.#isAnswered = true;
    this.#settle();
  }

  /** Go on after a step of the opening; the Ask may overtake the parts of a large sync. */
  #settle(): void {
    if (this.#phase === "syncing" && this.#isLevel && this.#isAnswered) {
      this.#phase = "ready";
      this.#backoff.reset();
      this.#replica.cursors.announce();
    }
    this.#flush();
  }

  /** Send what waits: at once, or merged when the transport is behind. Before the Ask nothing goes: its answer covers it. */
  #flush(): void {
    if (this.#channel() !== null && this.#isAnswered && this.#replica.unsaved.hasWaiting) {
      if (this.#socket.bufferedAmount < HIGH_WATER_BYTES) this.#sendEdit(this.#replica.unsaved.take());
      else this.#timers.startOnce("drain", DRAIN_CHECK_MS, () => this.#flush());
    }
    this.#refresh();
  }

  #sendEdit({ n, update }: NumberedEdit): void {
    const channel = this.#channel();
    if (channel === null) return;
    const limit = this.#socket.welcome?.limits.maxMessageBytes ?? Infinity;
    if (update.length + FRAME_OVERHEAD_BYTES <= limit) this.#socket.send([T.EDIT, channel, n, update]);
    else this.#finish({ ...errorBody("too_large"), recoveryId: null }, true);
  }

  #sendCursor(update: Uint8Array): void {
    const channel = this.#channel();
    if (channel !== null && this.#isSynced) this.#socket.send([T.AWARENESS, channel, update]);
  }

  #moveTo(path: string): void {
    if (path === this.#path) return;
    this.#path = path;
    this.emit("opened");
  }

  #disconnect(): void {
    if (this.#phase === "ended") return;
    this.#phase = "closed";
    this.#timers.clear();
    this.#replica.disconnect();
    this.#refresh();
  }

  /** The replica is over; go on with a new one when that can help. */
  #finish(why: EndedBody, canRestart: boolean): void {
    const channel = this.#channel();
    if (channel !== null) this.#socket.detach(channel);
    if (why.retry) return this.#reopen();
    const text = this.hasUnsaved && this.#opened ? this.#replica.doc.getText(this.#opened.rootName).toString() : null;
    const isRestarting = canRestart && this.#restarts.use();
    this.#replica.destroy();
    if (isRestarting) this.#restart();
    else this.#end();
    this.emit("ended", { ...why, text, isRestarting });
  }

  /** Nothing is wrong with the replica, only with its channel. */
  #reopen(): void {
    this.#disconnect();
    this.#timers.start("reopen", this.#backoff.next(), () => this.#open());
  }

  #restart(): void {
    this.#phase = "closed";
    this.#timers.clear();
    this.#isSynced = false;
    this.#replica = this.#newReplica();
    if (this.#socket.status === "online") this.#open();
  }

  #end(): void {
    this.#phase = "ended";
    this.#timers.clear();
    for (const unlisten of this.#unlisten) unlisten();
    this.#refresh();
  }

  #refresh(): void {
    const status = this.#currentStatus();
    if (status === this.#status) return;
    this.#status = status;
    this.emit("status", status);
  }

  #currentStatus(): DocumentStatus {
    if (this.#phase === "ended") return "ended";
    if (this.#socket.status === "connecting") return "connecting";
    if (this.#socket.status !== "online") return "offline";
    if (this.#phase !== "ready") return "syncing";
    if (!this.#isStorageReachable) return "unsaved";
    return this.#replica.unsaved.isEmpty ? "saved" : "saving";
  }
}
