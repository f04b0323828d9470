import type { MenuItem } from "../parts/menu";
import { show } from "../parts/toasts";
import { chooseFiles } from "./chosen_files";
import { folderOf, type TreeNode } from "./tree";
import type { TreeState } from "./tree_state";
import type { Workspace } from "./workspace";

/** What can be done with a node by this person. */
export function menuOf(node: TreeNode, workspace: Workspace, state: TreeState): MenuItem[] {
  const { actions } = workspace;
  const isFile = node.children === null && node.file !== null && !node.file.isSymlink;
  return [
    ...(workspace.may("write") ? writing(node, workspace, state) : []),
    ...(isFile ? [{ label: "Download", run: () => actions.download(node.path) }] : []),
    { label: "Copy path", run: () => copyPath(node.path) },
    ...(workspace.may("delete")
      ? [{ label: "Delete", keys: "Del", isDanger: true, run: () => void actions.remove(node) }]
      : []),
  ];
}

function writing(node: TreeNode, { actions, uploads }: Workspace, state: TreeState): MenuItem[] {
  const folder = folderOf(node);
  const cut = state.cut.value;
  const inFolder: MenuItem[] = [
    { label: "New file here", run: () => void actions.createFile(folder) },
    { label: "New folder here", run: () => void actions.createFolder(folder) },
    { label: "Upload here…", run: () => chooseFiles((files) => uploads.add(files, folder)) },
  ];
  const paste: MenuItem = {
    label: "Paste here",
    keys: "Ctrl V",
    run: () => {
      state.cut.value = null;
      if (cut !== null) void actions.moveInto(cut, folder);
    },
  };
  return [
    ...(node.children ? inFolder : []),
    { label: "Rename or move…", keys: "F2", run: () => void actions.rename(node.path) },
    { label: "Cut", keys: "Ctrl X", run: () => (state.cut.value = node.path) },
    ...(cut === null ? [] : [paste]),
  ];
}

function copyPath(path: string): void {
  navigator.clipboard.writeText(path).then(
    () => show({ kind: "info", text: `Copied ${path}` }),
    () => show({ kind: "error", text: "This browser does not allow copying here." }),
  );
}
