import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { projectAddress } from "../address";
import { openMenu, openMenuBelow } from "../parts/menu";
import { go } from "../route";
import { buildTree, folderOf, type TreeNode, type TreeRow as Row, visibleNodes } from "./tree";
import type { TreeDrag } from "./tree_drag";
import { actOnKey, keyOf, type TreeActions } from "./tree_keys";
import { menuOf } from "./tree_menu";
import { type RowActions, TreeRow } from "./tree_row";
import type { TreeState } from "./tree_state";
import { useKeptFocus } from "./kept_focus";
import type { Workspace } from "./workspace";

interface TreeListProps {
  workspace: Workspace;
  state: TreeState;
  drag: TreeDrag;
  onLeave: () => void;
}

/** The rows of the tree, which the arrow keys walk and the pointer drags. */
export function TreeList({ workspace, state, drag, onLeave }: TreeListProps) {
  const list = useRef<HTMLUListElement>(null);
  const rows = useComputed(() => visibleNodes(buildTree(workspace.files.value ?? []), state.closed.value));
  const openPath = workspace.openFile.value?.path.value ?? null;
  useMemo(() => state.begin(workspace.files.peek() ?? []), [state]);
  useEffect(() => {
    if (openPath !== null) state.reveal(openPath);
  }, [openPath]);
  useKeptFocus(list, rows.value.length);
  const [mayWrite, mayDelete] = [workspace.may("write"), workspace.may("delete")];
  const actions = useMemo(() => actionsOn(list, workspace, state), [workspace, state, mayWrite, mayDelete]);
  const rowActions = useMemo<RowActions>(
    () => ({
      focus: ({ path }) => (state.focused.value = path),
      choose: (node) => actions.choose(node),
      menu: (event, node) => showMenu(event, node, workspace, state),
    }),
    [actions],
  );
  const leave = (): void => {
    if (state.cut.value === null) onLeave();
    state.cut.value = null;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = (event.target as HTMLElement).closest("button") ? null : keyOf(event);
    const tree = { rows: rows.value, closed: state.closed.value };
    if (key !== null && actOnKey(key, pathAt(event.target), tree, { ...actions, leave })) event.preventDefault();
  };
  const entry = entryPath(rows.value, state.focused.value, openPath);
  return (
    <ul ref={list} class="tree" role="tree" aria-label="Files of the project" onKeyDown={onKeyDown}>
      {rows.value.map((row) => (
        <TreeRow
          key={row.node.file?.id ?? row.node.path}
          row={row}
          isClosed={state.closed.value.has(row.node.path)}
          isOpen={row.node.path === openPath}
          isEntry={row.node.path === entry}
          isCut={row.node.path === state.cut.value}
          isTarget={row.node.children !== null && row.node.path === state.target.value}
          address={projectAddress(workspace.projectId, row.node.path)}
          drag={mayWrite ? drag : null}
          actions={rowActions}
        />
      ))}
    </ul>
  );
}

function actionsOn(
  list: { current: HTMLElement | null },
  workspace: Workspace,
  state: TreeState,
): Omit<TreeActions, "leave"> {
  const { actions } = workspace;
  return {
    focus: (path) => list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus(),
    setClosed: (path, isClosed) => state.setClosed(path, isClosed),
    choose: (node) => {
      if (node.children) state.toggle(node.path);
      else go(projectAddress(workspace.projectId, node.path));
    },
    ...(workspace.may("delete") && { remove: (node: TreeNode) => void actions.remove(node) }),
    ...(workspace.may("write") && {
      rename: (node: TreeNode) => void actions.rename(node.path),
      cut: (node: TreeNode) => (state.cut.value = node.path),
      paste: (node: TreeNode) => {
        const path = state.cut.value;
        state.cut.value = null;
        if (path !== null) void actions.moveInto(path, folderOf(node));
      },
    }),
  };
}

/** The row that Tab enters: where the keyboard was, else the open file, else the first. */
function entryPath(rows: Row[], focused: string | null, openPath: string | null): string | undefined {
  const shown = new Set(rows.map(({ node }) => node.path));
  return [focused, openPath].find((path) => path !== null && shown.has(path)) ?? rows[0]?.node.path;
}

function pathAt(target: EventTarget | null): string | null {
  return (target as HTMLElement).closest<HTMLElement>("[data-path]")?.dataset["path"] ?? null;
}

/** At the pointer; below the row when the keyboard asks. */
function showMenu(event: MouseEvent, node: TreeNode, workspace: Workspace, state: TreeState): void {
  event.preventDefault();
  const label = `Actions for ${node.name}`;
  const items = menuOf(node, workspace, state);
  const row = event.currentTarget as Element;
  if (event.type === "contextmenu" && event.button === 2)
    openMenu(label, items, { x: event.clientX, y: event.clientY });
  else openMenuBelow(row, label, items);
}
