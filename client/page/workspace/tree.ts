import type { FileEntry } from "../../src/wire.gen";

export interface TreeNode {
  name: string;
  path: string;
  /** Null for a directory that exists only as part of its files' paths. */
  file: FileEntry | null;
  /** Null for a file. */
  children: TreeNode[] | null;
}

/** Arrange files as a tree: directories first, each level by name as people sort it. */
export function buildTree(files: readonly FileEntry[]): TreeNode[] {
  const roots: TreeNode[] = [];
  const directories = new Map<string, TreeNode>();
  for (const file of files) {
    const level = file.path.includes("/") ? directoryAt(parentOf(file.path), roots, directories).children! : roots;
    if (file.isDirectory) directoryAt(file.path, roots, directories).file = file;
    else level.push({ name: nameOf(file.path), path: file.path, file, children: null });
  }
  return sorted(roots);
}

/** The nodes that are on screen, from top to bottom, with their depth from 1. */
export function visibleNodes(
  nodes: TreeNode[],
  closed: ReadonlySet<string>,
  level = 1,
): { node: TreeNode; level: number }[] {
  return nodes.flatMap((node) => [
    { node, level },
    ...(node.children && !closed.has(node.path) ? visibleNodes(node.children, closed, level + 1) : []),
  ]);
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function directoryAt(path: string, roots: TreeNode[], directories: Map<string, TreeNode>): TreeNode {
  const known = directories.get(path);
  if (known) return known;
  const node: TreeNode = { name: nameOf(path), path, file: null, children: [] };
  directories.set(path, node);
  (path.includes("/") ? directoryAt(parentOf(path), roots, directories).children! : roots).push(node);
  return node;
}

function sorted(nodes: TreeNode[]): TreeNode[] {
  for (const node of nodes) if (node.children) sorted(node.children);
  return nodes.sort(
    (a, b) => Number(a.children === null) - Number(b.children === null) || COLLATOR.compare(a.name, b.name),
  );
}

const COLLATOR = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
