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

export interface TreeRow {
  node: TreeNode;
  /** Depth, from 1. */
  level: number;
  /** Place among its siblings, from 1, and how many they are. */
  place: number;
  siblings: number;
}

/** The nodes that are on screen, from top to bottom. */
export function visibleNodes(nodes: TreeNode[], closed: ReadonlySet<string>, level = 1): TreeRow[] {
  return nodes.flatMap((node, at) => [
    { node, level, place: at + 1, siblings: nodes.length },
    ...(node.children && !closed.has(node.path) ? visibleNodes(node.children, closed, level + 1) : []),
  ]);
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A name in a folder, the root being "". */
export function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** The folder that a node stands for: itself, or the one it lies in. */
export function folderOf({ path, children }: TreeNode): string {
  return children ? path : parentOf(path);
}

/** Where a relative link leads from where it lies. */
export function resolved(path: string, target: string): string {
  const parts = parentOf(path).split("/").filter(Boolean);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
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
