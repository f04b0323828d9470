import { parentOf, type TreeNode, type TreeRow } from "./tree";

export interface TreeActions {
  focus(path: string): void;
  setClosed(path: string, isClosed: boolean): void;
  choose(node: TreeNode): void;
  leave(): void;
  rename?(node: TreeNode): void;
  remove?(node: TreeNode): void;
  cut?(node: TreeNode): void;
  paste?(node: TreeNode): void;
}

interface ShownTree {
  rows: TreeRow[];
  closed: ReadonlySet<string>;
}

/** A key as `actOnKey` names it; null when it is the browser's. */
export function keyOf(event: KeyboardEvent): string | null {
  if (event.altKey) return null;
  return event.ctrlKey || event.metaKey ? `Control+${event.key.toLowerCase()}` : event.key;
}

/** Do what a key means on the row at `path`, after the tree pattern of the ARIA practices; false for other keys. */
export function actOnKey(key: string, path: string | null, tree: ShownTree, actions: TreeActions): boolean {
  const at = tree.rows.findIndex(({ node }) => node.path === path);
  const node = tree.rows[at]?.node;
  if (!node) return false;
  return walk(key, at, node, tree, actions) || act(key, node, actions) || seek(key, at, tree.rows, actions);
}

function walk(key: string, at: number, node: TreeNode, { rows, closed }: ShownTree, actions: TreeActions): boolean {
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
    default:
      return false;
  }
}

function act(key: string, node: TreeNode, actions: TreeActions): boolean {
  switch (key) {
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
    case "Control+backspace": // keyboards without Delete
      actions.remove?.(node);
      return true;
    case "Control+x":
      actions.cut?.(node);
      return true;
    case "Control+v":
      actions.paste?.(node);
      return true;
    default:
      return false;
  }
}

/** A letter goes to the next row whose name begins with it. */
function seek(key: string, at: number, rows: TreeRow[], actions: TreeActions): boolean {
  if ([...key].length !== 1) return false;
  const after = [...rows.slice(at + 1), ...rows.slice(0, at)];
  const found = after.find(({ node }) => node.name.toLowerCase().startsWith(key.toLowerCase()));
  if (found) actions.focus(found.node.path);
  return found !== undefined;
}
