import { effect } from "@preact/signals";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { indentUnit } from "@codemirror/language";
import { yCollab } from "y-codemirror.next";
import * as Y from "yjs";
import type { OpenFile } from "../workspace/open_file";
import { editing } from "./editing";
import { languageOf } from "./languages";
import { cursorPlace, editorOnScreen } from "./on_screen";
import { remoteCursors } from "./remote_cursors";

interface Place {
  anchor: number;
  head: number;
  scrollTop: number;
}

const places = new Map<string, Place>(); // by document: coming back to a file finds the place again

/** Show the file's text in `parent` until the returned function is called. */
export function mountEditor(parent: HTMLElement, file: OpenFile): () => void {
  const { text, awareness, id } = file.document;
  if (!text || id === null) return () => undefined;
  const readOnly = new Compartment();
  const language = new Compartment();
  const undoManager = new Y.UndoManager(text);
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text.toString(),
      extensions: [
        readOnly.of(readOnlyIf(file.isReadOnly.peek())),
        language.of([]),
        editing,
        yCollab(text, null, { undoManager }),
        remoteCursors(text, awareness),
        EditorView.contentAttributes.of({ "aria-label": `Text of ${file.path.peek()}` }),
        EditorView.updateListener.of(({ state }) => tellPlace(state)),
      ],
    }),
  });
  const stop = [
    effect(() => view.dispatch({ effects: readOnly.reconfigure(readOnlyIf(file.isReadOnly.value)) })),
    effect(() => void loadLanguage(view, language, file.path.value)),
  ];
  restorePlace(view, id);
  editorOnScreen.value = { goTo: (index) => goTo(view, index) };
  return () => {
    const { anchor, head } = view.state.selection.main;
    places.set(id, { anchor, head, scrollTop: view.scrollDOM.scrollTop });
    for (const end of stop) end();
    editorOnScreen.value = null;
    cursorPlace.value = null;
    view.destroy();
    undoManager.destroy();
  };
}

function goTo(view: EditorView, index: number): void {
  const anchor = Math.min(index, view.state.doc.length);
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
  view.focus();
}

function readOnlyIf(isReadOnly: boolean): Extension {
  return EditorState.readOnly.of(isReadOnly);
}

async function loadLanguage(view: EditorView, language: Compartment, path: string): Promise<void> {
  const found = languageOf(path);
  const support = (await found?.load()) ?? [];
  const indent = found ? indentUnit.of(found.indent) : [];
  const wrapping = found === null || found.isProse ? EditorView.lineWrapping : [];
  view.dispatch({ effects: language.reconfigure([support, indent, wrapping]) });
}

function tellPlace(state: EditorState): void {
  const { head } = state.selection.main;
  const line = state.doc.lineAt(head);
  cursorPlace.value = { line: line.number, column: head - line.from + 1 };
}

function restorePlace(view: EditorView, id: string): void {
  const place = places.get(id) ?? { anchor: 0, head: 0, scrollTop: 0 };
  const { length } = view.state.doc;
  view.dispatch({ selection: { anchor: Math.min(place.anchor, length), head: Math.min(place.head, length) } });
  view.requestMeasure({ read: () => undefined, write: () => (view.scrollDOM.scrollTop = place.scrollTop) });
  if (matchMedia("(hover: hover)").matches) view.focus();
}
