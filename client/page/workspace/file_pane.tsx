import { useEffect, useRef } from "preact/hooks";
import { languageOf } from "../editor/languages";
import { cursorPlace } from "../editor/on_screen";
import { EmptyIcon, PlusIcon } from "../parts/icons";
import { showError } from "../parts/toasts";
import { BinaryPane, LinkPane } from "./binary_pane";
import { LostNotes } from "./lost_note";
import type { OpenFile } from "./open_file";
import type { Workspace } from "./workspace";

const editorModule = import("../editor/editor"); // apart from the page's code, so that the list is there before it

/** The open file, or what to do when there is none. */
export function FilePane({ workspace }: { workspace: Workspace }) {
  const file = workspace.openFile.value;
  if (!file) return <NoFile workspace={workspace} />;
  const entry = workspace.entryOf(file.path.value);
  const isText = !entry?.isBinary && !entry?.isSymlink;
  return (
    <main class="pane">
      <PaneHead file={file} isText={isText} />
      {entry?.isBinary && <BinaryPane workspace={workspace} file={entry} />}
      {entry?.isSymlink && <LinkPane workspace={workspace} file={entry} />}
      {isText && <TextPane workspace={workspace} file={file} />}
    </main>
  );
}

function TextPane({ workspace, file }: { workspace: Workspace; file: OpenFile }) {
  const isThere = file.replica.value > 0;
  return (
    <>
      <LostNotes workspace={workspace} file={file} />
      {isThere ? <Editor key={`${file.document.id} ${file.replica.value}`} file={file} /> : <NotThere file={file} />}
    </>
  );
}

function PaneHead({ file, isText }: { file: OpenFile; isText: boolean }) {
  const parts = file.path.value.split("/");
  const place = cursorPlace.value;
  return (
    <div class="pane-head">
      <nav class="crumbs" aria-label="Path">
        {parts.map((part, at) => (
          <span key={at} class={at === parts.length - 1 ? "crumb is-file" : "crumb"}>
            {part}
          </span>
        ))}
      </nav>
      {file.isReadOnly.value && file.replica.value > 0 && <span class="badge">Read only</span>}
      <span class="spacer" />
      {place && (
        <span class="place">
          Ln {place.line}, Col {place.column}
        </span>
      )}
      {isText && <span class="place">{languageOf(file.path.value)?.label ?? "Plain text"}</span>}
    </div>
  );
}

function Editor({ file }: { file: OpenFile }) {
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isLeft = false;
    let unmount = (): void => undefined;
    editorModule.then(
      ({ mountEditor }) => {
        if (!isLeft) unmount = mountEditor(parent.current!, file);
      },
      (error: unknown) => showError("The editor did not load; reload the page.", error),
    );
    return () => {
      isLeft = true;
      unmount();
    };
  }, [file]);
  return <div ref={parent} class="editor" />;
}

function NotThere({ file }: { file: OpenFile }) {
  const ending = file.ending.value;
  if (!ending) return <div class="pane-empty" aria-busy="true" />;
  return (
    <div class="pane-empty">
      <EmptyIcon />
      <h2>This file cannot be opened</h2>
      <p>{ending.message}</p>
    </div>
  );
}

function NoFile({ workspace }: { workspace: Workspace }) {
  const files = workspace.files.value;
  const isEmpty = files?.length === 0;
  return (
    <main class="pane">
      {files && (
        <div class="pane-empty">
          <EmptyIcon />
          <h2>{isEmpty ? "No files yet" : "No file is open"}</h2>
          <p>
            {isEmpty
              ? "The first one starts the project."
              : "Choose one from the list. Everybody in it sees you at once."}
          </p>
          {workspace.may("write") && (
            <button class="button is-primary" type="button" onClick={() => void workspace.actions.createFile("")}>
              <PlusIcon />
              New file
            </button>
          )}
        </div>
      )}
    </main>
  );
}
