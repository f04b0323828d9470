import { useEffect, useState } from "preact/hooks";
import type { ProjectSession } from "../../src/index";
import type { DeletedFile } from "../../src/wire.gen";
import { Modal, openDialog } from "../parts/dialogs";
import { age } from "../words";
import type { Workspace } from "./workspace";

/** Show what was deleted and can be brought back, newest first. */
export function showDeletedFiles(workspace: Workspace): void {
  void openDialog((settle) => <DeletedFiles workspace={workspace} close={() => settle(null)} />);
}

function DeletedFiles({ workspace, close }: { workspace: Workspace; close: () => void }) {
  const [files, setFiles] = useState<DeletedFile[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [state, setState] = useState<"loading" | "loaded" | Error>("loading");
  const load = (after: string | null): void => {
    setState("loading");
    fetchPage(workspace.session, after).then(
      (page) => {
        setFiles((before) => [...before, ...page.files]);
        setNext(page.next);
        setState("loaded");
      },
      (error: Error) => setState(error),
    );
  };
  useEffect(() => load(null), []);
  const bringBack = ({ id, path }: DeletedFile): void => {
    close();
    void workspace.actions.restore(id, path);
  };
  return (
    <Modal title="Deleted files" text="A folder stands for all that went with it." onClose={close} isWide>
      {state instanceof Error && (
        <p class="field-error" role="alert">
          {state.message}
        </p>
      )}
      {state === "loaded" && files.length === 0 && <p>Nothing was deleted lately.</p>}
      <ul class="deleted" aria-label="Deleted files">
        {files.map((file) => (
          <li key={file.id} class="member">
            <span class="member-name">
              <span class="path">{file.isDirectory ? `${file.path}/` : file.path}</span>
              <small class="muted">deleted {age(file.deletedAt)}</small>
            </span>
            <button class="button" type="button" aria-label={`Bring back ${file.path}`} onClick={() => bringBack(file)}>
              Bring back
            </button>
          </li>
        ))}
      </ul>
      <div class="dialog-buttons">
        {next !== null && (
          <button class="button" type="button" disabled={state === "loading"} onClick={() => load(next)}>
            Show more
          </button>
        )}
        <button class="button is-primary" type="button" onClick={close}>
          Close
        </button>
      </div>
    </Modal>
  );
}

function fetchPage({ socket }: ProjectSession, after: string | null) {
  return socket.request("files/tombstones", { after });
}
