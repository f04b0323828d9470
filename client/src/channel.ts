import type { ChannelMessage } from "./frames";
import type { Socket } from "./socket";
import type { NumberedEdit } from "./unsaved";
import { MessageType as T, type Opened } from "./wire.gen";

const HIGH_WATER_BYTES = 64 * 1024; // above this edits wait and are merged, below it each leaves at once
const FRAME_OVERHEAD_BYTES = 64; // array, type, channel, n and the length of the update

/** A document as it is open on the present connection: how far its sync is, and what it sends. */
export class Channel {
  readonly opened: Opened;
  /** The server's part of the sync is here. */
  isLevel = false;
  /** The server has, or is about to have, everything that is older than the next edit; nobody asks a reader. */
  isAnswered: boolean;
  isStorageReachable: boolean;
  readonly #socket: Socket;

  constructor(socket: Socket, opened: Opened, receive: (message: ChannelMessage) => void) {
    this.opened = opened;
    this.isAnswered = opened.access === "read";
    this.isStorageReachable = opened.storageReachable;
    this.#socket = socket;
    socket.attach(opened.channel, receive);
  }

  /** Both sides are level; the Ask may overtake the parts of a large sync. */
  get isReady(): boolean {
    return this.isLevel && this.isAnswered;
  }

  /** Whether the transport is so far behind that edits should wait and be merged. */
  get isBehind(): boolean {
    return this.#socket.bufferedAmount >= HIGH_WATER_BYTES;
  }

  /** False when the edit is larger than a message may be; then nothing was sent. */
  sendEdit({ n, update }: NumberedEdit): boolean {
    const limit = this.#socket.welcome?.limits.maxMessageBytes ?? Infinity;
    if (update.length + FRAME_OVERHEAD_BYTES > limit) return false;
    this.#socket.send([T.EDIT, this.opened.channel, n, update]);
    return true;
  }

  sendAwareness(update: Uint8Array): void {
    this.#socket.send([T.AWARENESS, this.opened.channel, update]);
  }

  /** Ask for what a replica with this state vector lacks. */
  requestSync(stateVector: Uint8Array): void {
    this.#socket.send([T.SYNC, this.opened.channel, stateVector]);
  }

  /** Hear no more. */
  detach(): void {
    this.#socket.detach(this.opened.channel);
  }

  /** Hear no more and tell the server that nobody here does. */
  close(): void {
    this.detach();
    const body = { channel: this.opened.channel };
    this.#socket.request("documents/close", body, { isBoundToConnection: true }).catch(() => undefined);
  }
}
