import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import type * as Y from "yjs";

const INTERVAL_MS = 40; // 25 positions a second look continuous; the newest always goes out

interface Change {
  added: number[];
  updated: number[];
  removed: number[];
}

/** The cursors of one replica: sends ours, at most every 40 ms and without delay after a pause, and holds the others'. */
export class Cursors {
  readonly awareness: Awareness;
  readonly #send: (update: Uint8Array) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDue = false;

  /** `send` is called with awareness updates; it may drop them. */
  constructor(doc: Y.Doc, send: (update: Uint8Array) => void) {
    this.#send = send;
    this.awareness = new Awareness(doc);
    this.awareness.on("update", (_: Change, origin: unknown) => {
      if (origin === "local") this.#offer();
    });
  }

  /** Apply what the server relays; throws when it is no awareness update. */
  apply(update: Uint8Array): void {
    applyAwarenessUpdate(this.awareness, update, this);
  }

  /** Tell that we are here, as after every opening of the channel; renewed, since a clock of 0 counts as known. */
  announce(): void {
    const state = this.awareness.getLocalState();
    if (!state) return;
    this.awareness.setLocalState(state);
    this.#flush();
  }

  /** Forget the others: nobody says any more when they leave. */
  disconnect(): void {
    const others = [...this.awareness.getStates().keys()].filter((id) => id !== this.awareness.clientID);
    removeAwarenessStates(this.awareness, others, this);
    for (const id of others) this.awareness.meta.delete(id); // else their unchanged clocks would be refused afterwards
  }

  /** Leave: others see the cursor go. */
  destroy(): void {
    this.awareness.destroy();
    clearTimeout(this.#timer);
  }

  #offer(): void {
    this.#isDue = true;
    if (this.#timer === undefined || this.awareness.getLocalState() === null) this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#send(encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]));
    this.#timer = setTimeout(() => this.#flush(), INTERVAL_MS);
  }
}
