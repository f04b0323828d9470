import * as Y from "yjs";
import { Cursors } from "./cursors";
import { type NumberedEdit, Unsaved } from "./unsaved";
import { wordsFrom } from "./words";

const EMPTY_UPDATE_BYTES = 2; // `00 00`: no structs, no deletions

/** One copy of a document's history, from its first sync to its end, with what of it is not known to be saved. */
export class Replica {
  readonly doc = new Y.Doc();
  readonly unsaved = new Unsaved();
  readonly cursors: Cursors;
  #parts: Uint8Array[] = [];
  #isFresh = true; // holds nothing but the sync of this opening, which was not answered yet

  /** `onEdit` is called after each local change, which is in `unsaved` by then. */
  constructor(onEdit: () => void, sendCursor: (update: Uint8Array) => void) {
    this.cursors = new Cursors(this.doc, sendCursor);
    this.doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === this) return;
      this.#isFresh = false;
      this.unsaved.add(update);
      onEdit();
    });
  }

  /** Whether edits arrived whose predecessors are missing. */
  get hasGap(): boolean {
    return this.doc.store.pendingStructs !== null || this.doc.store.pendingDs !== null;
  }

  stateVector(): Uint8Array {
    return Y.encodeStateVector(this.doc);
  }

  apply(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update, this);
  }

  /** Take one part of a sync; true when it was the last and the whole is applied. */
  takePart(part: Uint8Array, more: boolean): boolean {
    this.#parts.push(part.slice()); // the part is a view into a message that may be large
    if (more) return false;
    const whole = concatenate(this.#parts);
    this.#parts = [];
    if (whole.length > 0) this.apply(whole);
    return true;
  }

  /**
   * Answer the server's Ask with what it lacks, or null when there is nothing to say.
   *
   * Deletions are not in a state vector, so that every replica which may know more than this opening's sync answers,
   * also with others' edits: the server may have died before it committed them.
   */
  answer(stateVector: Uint8Array): NumberedEdit | null {
    const lacking = Y.encodeStateAsUpdate(this.doc, stateVector);
    const hasNothing = this.#isFresh || lacking.length <= EMPTY_UPDATE_BYTES;
    this.#isFresh = false;
    return hasNothing ? null : this.unsaved.cover(lacking);
  }

  /** What the edits from number `refusedFrom` on, or all that are not saved, put into the text; null when nothing. */
  unsavedWords(rootName: string, refusedFrom: number | null): string | null {
    return wordsFrom(this.doc, this.doc.getText(rootName), this.unsaved.since(refusedFrom));
  }

  disconnect(): void {
    this.#parts = [];
    this.#isFresh = false;
    this.unsaved.disconnect();
    this.cursors.disconnect();
  }

  destroy(): void {
    this.cursors.destroy();
    this.doc.destroy();
  }
}

function concatenate(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
