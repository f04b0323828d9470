import type { TreeNode } from "./tree";
import { parentOf } from "./tree";

export interface TreeRow {
  node: TreeNode;
  level: number;
}

export interface TreeActions {
  focus(path: string): void;
  setClosed(path: string, isClosed: boolean): void;
  choose(node: TreeNode): void;
  leave(): void;
  rename?(node: TreeNode): void;
  remove?(node: TreeNode): void;
}

/** Do what a key means on the row at `path`, after the tree pattern of the ARIA practices; false for other keys. */
export function actOnKey(
  key: string,
  path: string | null,
  tree: { rows: TreeRow[]; closed: ReadonlySet<string> },
  actions: TreeActions,
): boolean {
  const { rows, closed } = tree;
  const at = rows.findIndex(({ node }) => node.path === path);
  const node = rows[at]?.node;
  if (!node) return false;
  const focus = (target: string | undefined): void => {
    if (target) actions.focus(target);
  };
  const isOpenFolder = node.children !== null && !closed.has(node.path);
  const isClosedFolder = node.children !== null && !isOpenFolder;
  switch (key) {
    case "ArrowDown":
      focus(rows[at + 1]?.node.path);
      return true;
    case "ArrowUp":
      focus(rows[at - 1]?.node.path);
      return true;
    case "Home":
      focus(rows[0]?.node.path);
      return true;
    case "End":
      focus(rows.at(-1)?.node.path);
      return true;
    case "ArrowRight":
      if (isClosedFolder) actions.setClosed(node.path, false);
      else if (isOpenFolder) focus(node.children![0]?.path);
      return true;
    case "ArrowLeft":
      if (isOpenFolder) actions.setClosed(node.path, true);
      else focus(parentOf(node.path));
      return true;
    case "Enter":
    case " ":
      actions.choose(node);
      return true;
    case "Escape":
      actions.leave();
      return true;
    case "F2":
      actions.rename?.(node);
      return true;
    case "Delete":
      actions.remove?.(node);
      return true;
    default:
      return false;
  }
}
