import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { projectAddress } from "../address";
import { PlusIcon } from "../parts/icons";
import { go } from "../route";
import { buildTree, parentOf, type TreeNode, visibleNodes } from "./tree";
import { actOnKey, type TreeActions } from "./tree_keys";
import { TreeRow } from "./tree_row";
import type { Workspace } from "./workspace";

/** The project's files as a tree that the arrow keys walk. */
export function FileTree({ workspace, onLeave }: { workspace: Workspace; onLeave: () => void }) {
  const files = workspace.files.value;
  return (
    <aside class="list" aria-label="Files">
      <ListHead workspace={workspace} />
      {files !== null && files.length > 0 && <Tree workspace={workspace} onLeave={onLeave} />}
      {files === null && <p class="list-note">Loading…</p>}
      {files?.length === 0 && <p class="list-note">No files yet.</p>}
    </aside>
  );
}

function ListHead({ workspace }: { workspace: Workspace }) {
  const folder = parentOf(workspace.openFile.value?.path.value ?? "");
  return (
    <div class="list-head">
      <h2>Files</h2>
      {workspace.project.value?.canWrite && (
        <button
          class="icon-button"
          type="button"
          aria-label="New file"
          title="New file"
          onClick={() => void workspace.create(folder)}
        >
          <PlusIcon />
        </button>
      )}
    </div>
  );
}

function Tree({ workspace, onLeave }: { workspace: Workspace; onLeave: () => void }) {
  const list = useRef<HTMLUListElement>(null);
  const closed = useSignal<ReadonlySet<string>>(new Set());
  const focused = useSignal<string | null>(null);
  const rows = useComputed(() => visibleNodes(buildTree(workspace.files.value ?? []), closed.value));
  const openPath = workspace.openFile.value?.path.value ?? null;
  const setClosed = (path: string, isClosed: boolean): void => {
    const next = new Set(closed.value);
    next[isClosed ? "add" : "delete"](path);
    closed.value = next;
  };
  useEffect(() => {
    if (openPath !== null) closed.value = new Set([...closed.value].filter((path) => !openPath.startsWith(`${path}/`)));
  }, [openPath]);
  const actions: TreeActions = {
    focus: (path) => list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus(),
    setClosed,
    choose: (node) => {
      if (node.children) setClosed(node.path, !closed.value.has(node.path));
      else go(projectAddress(workspace.projectId, node.path));
    },
    leave: onLeave,
    ...(workspace.project.value?.canWrite && {
      rename: (node: TreeNode) => void workspace.rename(node.path),
      remove: (node: TreeNode) => void workspace.remove(node.path, node.children !== null),
    }),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if ((event.target as HTMLElement).closest("button") || event.ctrlKey || event.metaKey || event.altKey) return;
    const tree = { rows: rows.value, closed: closed.value };
    if (actOnKey(event.key, focused.value, tree, actions)) event.preventDefault();
  };
  const isShown = (path: string | null): boolean => rows.value.some(({ node }) => node.path === path);
  const entry = [focused.value, openPath].find((path) => path !== null && isShown(path)) ?? rows.value[0]?.node.path;
  return (
    <ul ref={list} class="tree" role="tree" aria-label="Files of the project" onKeyDown={onKeyDown}>
      {rows.value.map(({ node, level }) => (
        <TreeRow
          key={node.path}
          node={node}
          level={level}
          isClosed={closed.value.has(node.path)}
          isOpen={node.path === openPath}
          isEntry={node.path === entry}
          address={projectAddress(workspace.projectId, node.path)}
          onFocus={() => (focused.value = node.path)}
          onChoose={() => actions.choose(node)}
          {...(actions.rename && { onRename: () => actions.rename?.(node) })}
          {...(actions.remove && { onDelete: () => actions.remove?.(node) })}
        />
      ))}
    </ul>
  );
}
