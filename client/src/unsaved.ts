import * as Y from "yjs";

export interface NumberedEdit {
  n: number;
  update: Uint8Array;
}

interface Sent {
  n: number;
  updates: Uint8Array[];
}

const MERGE_ABOVE = 200; // updates waiting while offline: from there on one merged update costs less memory

/**
 * The local edits that no Saved has covered.
 *
 * Invariant: an edit leaves only by a Saved of the connection it was sent on. A state vector never takes one out: it
 * says nothing of deletions, and what the server holds in memory may not be committed.
 */
export class Unsaved {
  #sent: Sent[] = [];
  #waiting: Uint8Array[] = [];
  #lastN = 0;

  get isEmpty(): boolean {
    return this.#sent.length === 0 && this.#waiting.length === 0;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  add(update: Uint8Array): void {
    this.#waiting.push(update);
    if (this.#waiting.length > MERGE_ABOVE) this.#waiting = [Y.mergeUpdates(this.#waiting)];
  }

  /** Number everything that waits as one edit; call only when something does. */
  take(): NumberedEdit {
    const update = Y.mergeUpdates(this.#waiting);
    return this.#number(update, [update]);
  }

  /** Number an update that holds whatever waits and the server lacks. */
  cover(update: Uint8Array): NumberedEdit {
    return this.#number(update, [...this.#waiting, update]);
  }

  /** The updates of the edits from number `n` on, and what waits; all when it is null. */
  since(n: number | null): Uint8Array[] {
    return [
      ...this.#sent.filter((edit) => n === null || edit.n >= n).flatMap((edit) => edit.updates),
      ...this.#waiting,
    ];
  }

  /** The server committed every edit up to `n`. */
  saved(n: number): void {
    this.#sent = this.#sent.filter((edit) => edit.n > n);
  }

  /** The connection is gone and its numbers with it: everything waits again. */
  disconnect(): void {
    this.#waiting = [...this.#sent.flatMap((edit) => edit.updates), ...this.#waiting];
    this.#sent = [];
    this.#lastN = 0;
  }

  #number(update: Uint8Array, updates: Uint8Array[]): NumberedEdit {
    const n = ++this.#lastN;
    this.#sent.push({ n, updates });
    this.#waiting = [];
    return { n, update };
  }
}
