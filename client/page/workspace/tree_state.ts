import { signal } from "@preact/signals";
import type { FileEntry } from "../../src/wire.gen";

const OPEN_BELOW = 300; // entries: a project of more begins with its folders closed, as nobody reads them all

/** What of the tree is closed, where the keyboard is in it, and what is about to be moved; of this window alone. */
export class TreeState {
  readonly closed = signal<ReadonlySet<string>>(new Set());
  /** The row that Tab enters, by its path. */
  readonly focused = signal<string | null>(null);
  /** What was cut and waits for a folder. */
  readonly cut = signal<string | null>(null);
  /** The folder that something is dragged over, "" for the root. */
  readonly target = signal<string | null>(null);

  /** How the tree begins for these files. */
  begin(files: readonly FileEntry[]): void {
    if (files.length < OPEN_BELOW) return;
    this.closed.value = new Set(files.filter((file) => file.isDirectory).map(({ path }) => path));
  }

  setClosed(path: string, isClosed: boolean): void {
    const next = new Set(this.closed.value);
    next[isClosed ? "add" : "delete"](path);
    this.closed.value = next;
  }

  toggle(path: string): void {
    this.setClosed(path, !this.closed.value.has(path));
  }

  /** Open every folder above a path. */
  reveal(path: string): void {
    this.closed.value = new Set([...this.closed.value].filter((closed) => !path.startsWith(`${closed}/`)));
  }
}
