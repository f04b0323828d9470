import { EditorSelection, type Extension, StateEffect } from "@codemirror/state";
import {
  type EditorView,
  layer,
  type LayerMarker,
  RectangleMarker,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { cursorOf, type RemoteCursor } from "./cursor_index";

const moved = StateEffect.define<null>();
const FLAG_ROOM_PX = 140; // the widest flag, see cursors.css
const FLAG_GAP_PX = 10;

/** Tells others where our cursor is, and draws theirs: selections below the text, carets with name flags above it. */
export function remoteCursors(text: Y.Text, awareness: Awareness): Extension {
  const others = (): RemoteCursor[] =>
    [...awareness.getStates().keys()]
      .filter((id) => id !== awareness.clientID)
      .flatMap((id) => cursorOf(awareness, text, id) ?? []);
  const update = (event: ViewUpdate): boolean =>
    event.docChanged ||
    event.transactions.some((transaction) => transaction.effects.some((effect) => effect.is(moved)));
  return [
    ViewPlugin.define((view) => new Publisher(view, text, awareness)),
    layer({ above: false, class: "cm-remote-selections", update, markers: (view) => selections(view, others()) }),
    layer({ above: true, class: "cm-remote-cursors", update, markers: (view) => carets(view, others()) }),
  ];
}

/** Keeps our `cursor` in the awareness state, in the form that y-codemirror.next reads and writes. */
class Publisher {
  readonly #text: Y.Text;
  readonly #awareness: Awareness;
  readonly #redraw: (change: { added: number[]; updated: number[]; removed: number[] }) => void;

  constructor(view: EditorView, text: Y.Text, awareness: Awareness) {
    this.#text = text;
    this.#awareness = awareness;
    this.#redraw = ({ added, updated, removed }) => {
      const isOfOthers = [...added, ...updated, ...removed].some((id) => id !== awareness.clientID);
      if (isOfOthers) view.dispatch({ effects: moved.of(null) });
    };
    awareness.on("change", this.#redraw);
  }

  update(update: ViewUpdate): void {
    const isNew = update.selectionSet || update.docChanged || update.focusChanged;
    if (isNew && update.view.hasFocus)
      this.#publish(update.state.selection.main.anchor, update.state.selection.main.head);
  }

  destroy(): void {
    this.#awareness.off("change", this.#redraw);
    if (this.#awareness.getLocalState()) this.#awareness.setLocalStateField("cursor", null);
  }

  #publish(anchor: number, head: number): void {
    const cursor = {
      anchor: Y.createRelativePositionFromTypeIndex(this.#text, anchor),
      head: Y.createRelativePositionFromTypeIndex(this.#text, head),
    };
    const before: unknown = this.#awareness.getLocalState()?.["cursor"];
    if (JSON.stringify(before) !== JSON.stringify(cursor)) this.#awareness.setLocalStateField("cursor", cursor);
  }
}

function selections(view: EditorView, cursors: RemoteCursor[]): LayerMarker[] {
  return cursors.flatMap((cursor) => {
    const [anchor, head] = clamp(view, cursor);
    if (anchor === head) return [];
    const parts = RectangleMarker.forRange(view, "cm-remote-selection", EditorSelection.range(anchor, head));
    return parts.map((part) => new SelectionMarker(part, cursor.color));
  });
}

function carets(view: EditorView, cursors: RemoteCursor[]): LayerMarker[] {
  return cursors.flatMap((cursor) => {
    const [, head] = clamp(view, cursor);
    const [part] = RectangleMarker.forRange(view, "cm-remote-caret", EditorSelection.cursor(head));
    return part ? [new CaretMarker(part, cursor, flagShift(view, head, part.left))] : [];
  });
}

/**
 * How far right of the caret its flag stands, in px; 0 is above the caret.
 *
 * Above when that hides no text; else behind the end of the caret's line, when there is room on screen.
 */
function flagShift(view: EditorView, head: number, left: number): number {
  const line = view.state.doc.lineAt(head);
  const column = head - line.from;
  const above = line.number > 1 ? view.state.doc.line(line.number - 1).text : "";
  if (above.slice(column, column + FLAG_ROOM_PX / view.defaultCharacterWidth).trim() === "") return 0;
  const [end] = RectangleMarker.forRange(view, "", EditorSelection.cursor(line.to));
  const edge = view.scrollDOM.scrollLeft + view.scrollDOM.clientWidth;
  return end && end.left + FLAG_ROOM_PX < edge ? end.left - left + FLAG_GAP_PX : 0;
}

function clamp(view: EditorView, { anchor, head }: RemoteCursor): [anchor: number, head: number] {
  const { length } = view.state.doc;
  return [Math.min(anchor, length), Math.min(head, length)];
}

class SelectionMarker implements LayerMarker {
  readonly part: RectangleMarker;
  readonly color: string;

  constructor(part: RectangleMarker, color: string) {
    this.part = part;
    this.color = color;
  }

  eq(other: SelectionMarker): boolean {
    return this.part.eq(other.part) && this.color === other.color;
  }

  draw(): HTMLElement {
    const element = this.part.draw();
    element.style.setProperty("--person", this.color);
    return element;
  }

  update(element: HTMLElement, before: SelectionMarker): boolean {
    return this.color === before.color && this.part.update(element, before.part);
  }
}

class CaretMarker implements LayerMarker {
  readonly part: RectangleMarker;
  readonly cursor: RemoteCursor;
  readonly shift: number;

  constructor(part: RectangleMarker, cursor: RemoteCursor, shift: number) {
    this.part = part;
    this.cursor = cursor;
    this.shift = shift;
  }

  eq(other: CaretMarker): boolean {
    return this.part.eq(other.part) && this.#isSame(other) && this.cursor.head === other.cursor.head;
  }

  draw(): HTMLElement {
    const element = this.part.draw();
    element.style.setProperty("--person", this.cursor.color);
    element.style.setProperty("--flag-shift", `${this.shift}px`);
    element.classList.toggle("has-flag-behind", this.shift > 0);
    const flag = element.appendChild(document.createElement("span"));
    flag.className = "cm-remote-flag";
    flag.textContent = this.cursor.name;
    return element;
  }

  /** Move the element that is there; a caret that moved shows its flag anew, one that was only scrolled does not. */
  update(element: HTMLElement, before: CaretMarker): boolean {
    if (!this.#isSame(before) || !this.part.update(element, before.part)) return false;
    if (this.cursor.head !== before.cursor.head) restartAnimation(element.querySelector(".cm-remote-flag"));
    return true;
  }

  #isSame({ cursor, shift }: CaretMarker): boolean {
    return this.cursor.name === cursor.name && this.cursor.color === cursor.color && this.shift === shift;
  }
}

function restartAnimation(element: Element | null): void {
  for (const animation of element?.getAnimations() ?? []) {
    animation.cancel();
    animation.play();
  }
}
