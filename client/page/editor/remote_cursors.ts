import { EditorSelection, type Extension, StateEffect } from "@codemirror/state";
import { type EditorView, layer, type LayerMarker, RectangleMarker, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

export interface RemoteCursor {
  anchor: number;
  head: number;
  name: string;
  color: string;
}

const moved = StateEffect.define<null>();
const FLAG_ROOM_PX = 140; // nearer to the right edge the flag opens to the left

/** Tells others where our cursor is, and draws theirs: selections below the text, carets with name flags above it. */
export function remoteCursors(text: Y.Text, awareness: Awareness): Extension {
  const others = (): RemoteCursor[] =>
    [...awareness.getStates().keys()]
      .filter((id) => id !== awareness.clientID)
      .flatMap((id) => cursorOf(awareness, text, id) ?? []);
  const update = (event: ViewUpdate): boolean =>
    event.docChanged || event.transactions.some((transaction) => transaction.effects.some((effect) => effect.is(moved)));
  return [
    ViewPlugin.define((view) => new Publisher(view, text, awareness)),
    layer({ above: false, class: "cm-remote-selections", update, markers: (view) => selections(view, others()) }),
    layer({ above: true, class: "cm-remote-cursors", update, markers: (view) => carets(view, others()) }),
  ];
}

/** Where somebody's cursor is in the text now; null when they have none here. */
export function cursorOf(awareness: Awareness, text: Y.Text, clientId: number): RemoteCursor | null {
  const state = awareness.getStates().get(clientId);
  const anchor = indexOf(state?.["cursor"]?.anchor, text);
  const head = indexOf(state?.["cursor"]?.head, text);
  if (anchor === null || head === null) return null;
  const { name = "Somebody", color = "#6b7280" } = state?.["user"] ?? {};
  return { anchor, head, name: String(name), color: String(color) };
}

function indexOf(position: unknown, text: Y.Text): number | null {
  if (typeof position !== "object" || position === null || !text.doc) return null;
  const relative = Y.createRelativePositionFromJSON(position);
  const absolute = Y.createAbsolutePositionFromRelativePosition(relative, text.doc);
  return absolute?.type === text ? absolute.index : null;
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
    if (isNew && update.view.hasFocus) this.#publish(update.state.selection.main.anchor, update.state.selection.main.head);
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
  const width = view.scrollDOM.clientWidth + view.scrollDOM.scrollLeft;
  return cursors.flatMap((cursor) => {
    const [, head] = clamp(view, cursor);
    const [part] = RectangleMarker.forRange(view, "cm-remote-caret", EditorSelection.cursor(head));
    return part ? [new CaretMarker(part, cursor, part.left > width - FLAG_ROOM_PX)] : [];
  });
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
  readonly opensLeft: boolean;

  constructor(part: RectangleMarker, cursor: RemoteCursor, opensLeft: boolean) {
    this.part = part;
    this.cursor = cursor;
    this.opensLeft = opensLeft;
  }

  eq(other: CaretMarker): boolean {
    return this.part.eq(other.part) && this.#isSame(other) && this.cursor.head === other.cursor.head;
  }

  draw(): HTMLElement {
    const element = this.part.draw();
    element.style.setProperty("--person", this.cursor.color);
    element.classList.toggle("opens-left", this.opensLeft);
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

  #isSame({ cursor, opensLeft }: CaretMarker): boolean {
    return this.cursor.name === cursor.name && this.cursor.color === cursor.color && this.opensLeft === opensLeft;
  }
}

function restartAnimation(element: Element | null): void {
  for (const animation of element?.getAnimations() ?? []) {
    animation.cancel();
    animation.play();
  }
}
