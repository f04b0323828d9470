import { showError } from "../parts/toasts";
import { droppedFiles } from "./chosen_files";
import { parentOf, type TreeNode } from "./tree";
import type { TreeState } from "./tree_state";
import type { Workspace } from "./workspace";

const PATH_TYPE = "application/x-flashio-path";
const OPEN_AFTER_MS = 700; // over a closed folder: it opens, so that what is in it can be reached

/** Dragging in the tree: rows into folders, and files of the person's machine into the project. */
export class TreeDrag {
  readonly #workspace: Workspace;
  readonly #state: TreeState;
  #dragged: string | null = null;
  #openTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(workspace: Workspace, state: TreeState) {
    this.#workspace = workspace;
    this.#state = state;
  }

  begin(event: DragEvent, node: TreeNode): void {
    this.#dragged = node.path;
    event.dataTransfer?.setData(PATH_TYPE, node.path);
    event.dataTransfer?.setData("text/plain", node.path);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  }

  /** Over a row of `node`, null: over the rest of the list. */
  over(event: DragEvent, node: TreeNode | null): void {
    const folder = folderAt(node);
    const isAllowed = this.#workspace.may("write") && this.#takes(event, folder);
    if (isAllowed) event.preventDefault(); // which is how a drop is allowed
    if (event.dataTransfer) event.dataTransfer.dropEffect = !isAllowed ? "none" : this.#dragged ? "move" : "copy";
    this.#aim(isAllowed ? folder : null, node);
  }

  drop(event: DragEvent, node: TreeNode | null): void {
    event.preventDefault();
    const folder = folderAt(node);
    const dragged = this.#dragged;
    const { uploads, actions } = this.#workspace;
    this.end();
    if (dragged !== null) return void actions.moveInto(dragged, folder);
    if (!event.dataTransfer) return;
    droppedFiles(event.dataTransfer).then(
      (files) => uploads.add(files, folder),
      (error: unknown) => showError("What was dropped could not be read.", error),
    );
  }

  /** It was dropped, or left. */
  end(): void {
    this.#dragged = null;
    this.#aim(null, null);
  }

  leave(): void {
    this.#aim(null, null);
  }

  #takes(event: DragEvent, folder: string): boolean {
    const dragged = this.#dragged;
    if (dragged === null) return event.dataTransfer?.types.includes("Files") ?? false;
    return parentOf(dragged) !== folder && folder !== dragged && !folder.startsWith(`${dragged}/`);
  }

  #aim(folder: string | null, node: TreeNode | null): void {
    if (this.#state.target.value === folder) return;
    this.#state.target.value = folder;
    clearTimeout(this.#openTimer);
    if (folder !== null && node?.children) {
      this.#openTimer = setTimeout(() => this.#state.setClosed(node.path, false), OPEN_AFTER_MS);
    }
  }
}

function folderAt(node: TreeNode | null): string {
  if (!node) return "";
  return node.children ? node.path : parentOf(node.path);
}
