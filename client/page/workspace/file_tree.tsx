import { useMemo } from "preact/hooks";
import { MoreIcon, NewFolderIcon, PlusIcon, UploadIcon } from "../parts/icons";
import { openMenuBelow } from "../parts/menu";
import { chooseFiles } from "./chosen_files";
import { showDeletedFiles } from "./deleted_files";
import { parentOf } from "./tree";
import { TreeDrag } from "./tree_drag";
import { TreeList } from "./tree_list";
import { TreeState } from "./tree_state";
import { UploadList } from "./upload_list";
import type { Workspace } from "./workspace";

/** The project's files: the tree, what makes more of them, and uploads on their way. */
export function FileTree({ workspace, onLeave }: { workspace: Workspace; onLeave: () => void }) {
  const files = workspace.files.value;
  const state = useMemo(() => new TreeState(), [workspace]);
  const drag = useMemo(() => new TreeDrag(workspace, state), [workspace, state]);
  return (
    <aside
      class={`list ${state.target.value === "" ? "is-target" : ""}`}
      aria-label="Files"
      onDragOver={(event) => drag.over(event, null)}
      onDragLeave={(event) => {
        if (!(event.currentTarget as Element).contains(event.relatedTarget as Node | null)) drag.leave();
      }}
      onDrop={(event) => drag.drop(event, null)}
    >
      <ListHead workspace={workspace} />
      {files !== null && files.length > 0 && (
        <TreeList workspace={workspace} state={state} drag={drag} onLeave={onLeave} />
      )}
      {files === null && <p class="list-note">Loading…</p>}
      {files?.length === 0 && <p class="list-note">No files yet.</p>}
      <p class="visually-hidden" role="status">
        {state.cut.value !== null && `${state.cut.value} is cut. Choose a folder and paste it with Control V.`}
      </p>
      <UploadList uploads={workspace.uploads} />
    </aside>
  );
}

function ListHead({ workspace }: { workspace: Workspace }) {
  const { actions, uploads } = workspace;
  const folder = parentOf(workspace.openFile.value?.path.value ?? "");
  const showMore = (event: MouseEvent): void =>
    openMenuBelow(event.currentTarget as Element, "More about files", [
      { label: "Deleted files…", run: () => showDeletedFiles(workspace) },
    ]);
  return (
    <div class="list-head">
      <h2>Files</h2>
      {workspace.may("write") && (
        <>
          <HeadButton label="New file" onClick={() => void actions.createFile(folder)}>
            <PlusIcon />
          </HeadButton>
          <HeadButton label="New folder" onClick={() => void actions.createFolder(folder)}>
            <NewFolderIcon />
          </HeadButton>
          <HeadButton label="Upload files" onClick={() => chooseFiles((files) => uploads.add(files, folder))}>
            <UploadIcon />
          </HeadButton>
          <HeadButton label="More about files" onClick={showMore}>
            <MoreIcon />
          </HeadButton>
        </>
      )}
    </div>
  );
}

interface HeadButtonProps {
  label: string;
  onClick: (event: MouseEvent) => void;
  children: preact.ComponentChildren;
}

function HeadButton({ label, onClick, children }: HeadButtonProps) {
  return (
    <button class="icon-button" type="button" aria-label={label} title={label} onClick={onClick}>
      {children}
    </button>
  );
}
