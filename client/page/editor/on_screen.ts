import { signal } from "@preact/signals";

/** What the rest of the page may know and ask of the editor on screen. */
export interface EditorOnScreen {
  /** Put the cursor there and show it. */
  goTo(index: number): void;
}

export const editorOnScreen = signal<EditorOnScreen | null>(null);

/** Line and column of its cursor, from 1. */
export const cursorPlace = signal<{ line: number; column: number } | null>(null);
