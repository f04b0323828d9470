import { describe, expect, it, vi } from "vitest";
import { buildTree, resolved, visibleNodes } from "../../page/workspace/tree";
import { actOnKey, type TreeActions } from "../../page/workspace/tree_keys";
import type { FileEntry } from "../../src/wire.gen";

function file(path: string, isDirectory = false): FileEntry {
  return {
    id: path,
    path,
    isDirectory,
    language: null,
    mimeType: null,
    size: 0,
    lineCount: 0,
    checksum: null,
    isBinary: false,
    isSymlink: false,
    symlinkTarget: null,
    isExecutable: false,
    isHidden: false,
    permissions: null,
    updatedAt: "",
    looksLike: null,
  };
}

const FILES = ["b.txt", "a10.txt", "a9.txt", "src/deep/x.py", "src/main.py", "docs/plan.md"].map((path) => file(path));

const shown = (closed: string[] = []): string[] =>
  visibleNodes(buildTree(FILES), new Set(closed)).map(({ node, level }) => `${level} ${node.path}`);

describe("the file tree", () => {
  it("has folders before files, each level in the order that people count", () => {
    expect(shown()).toEqual([
      "1 docs",
      "2 docs/plan.md",
      "1 src",
      "2 src/deep",
      "3 src/deep/x.py",
      "2 src/main.py",
      "1 a9.txt",
      "1 a10.txt",
      "1 b.txt",
    ]);
  });

  it("says of each row which of its siblings it is", () => {
    const rows = visibleNodes(buildTree(FILES), new Set(["docs", "src"]));
    expect(rows.map(({ place, siblings }) => `${place} of ${siblings}`)).toEqual([
      "1 of 5",
      "2 of 5",
      "3 of 5",
      "4 of 5",
      "5 of 5",
    ]);
  });

  it("hides what is in a closed folder", () => {
    expect(shown(["src", "docs"])).toEqual(["1 docs", "1 src", "1 a9.txt", "1 a10.txt", "1 b.txt"]);
  });

  it("shows an empty directory, and one directory once when it has files too", () => {
    const nodes = buildTree([file("src/main.py"), file("src", true), file("empty", true)]);
    expect(nodes.map(({ path, children }) => [path, children?.length])).toEqual([
      ["empty", 0],
      ["src", 1],
    ]);
    expect(nodes[1]!.file?.isDirectory).toBe(true);
  });
});

describe("a symbolic link", () => {
  it.each([
    ["docs/link", "plan.md", "docs/plan.md"],
    ["docs/link", "../b.txt", "b.txt"],
    ["src/deep/link", "./../main.py", "src/main.py"],
  ])("at %s to %s leads to %s", (path, target, expected) => {
    expect(resolved(path, target)).toBe(expected);
  });
});

describe("a key in the file tree", () => {
  function press(key: string, path: string, closed: string[] = []): [actions: string[], isTaken: boolean] {
    const done: string[] = [];
    const actions: TreeActions = {
      focus: (to) => done.push(`focus ${to}`),
      setClosed: (of, isClosed) => done.push(`${isClosed ? "close" : "open"} ${of}`),
      choose: (node) => done.push(`choose ${node.path}`),
      leave: () => done.push("leave"),
      rename: (node) => done.push(`rename ${node.path}`),
      remove: (node) => done.push(`remove ${node.path}`),
      cut: (node) => done.push(`cut ${node.path}`),
      paste: (node) => done.push(`paste ${node.path}`),
    };
    const tree = { rows: visibleNodes(buildTree(FILES), new Set(closed)), closed: new Set(closed) };
    return [done, actOnKey(key, path, tree, actions)];
  }

  it.each([
    ["ArrowDown", "docs/plan.md", [], "focus src"],
    ["ArrowUp", "src", [], "focus docs/plan.md"],
    ["Home", "b.txt", [], "focus docs"],
    ["End", "docs", [], "focus b.txt"],
    ["ArrowLeft", "src", [], "close src"],
    ["ArrowLeft", "src/deep/x.py", [], "focus src/deep"],
    ["ArrowRight", "src", ["src"], "open src"],
    ["ArrowRight", "src", [], "focus src/deep"],
    ["Enter", "a9.txt", [], "choose a9.txt"],
    [" ", "src", [], "choose src"],
    ["F2", "b.txt", [], "rename b.txt"],
    ["Delete", "src", [], "remove src"],
    ["Control+backspace", "src", [], "remove src"],
    ["Escape", "src", [], "leave"],
    ["Control+x", "b.txt", [], "cut b.txt"],
    ["Control+v", "src", [], "paste src"],
    ["a", "docs", [], "focus a9.txt"],
    ["a", "a9.txt", [], "focus a10.txt"],
    ["D", "b.txt", [], "focus docs"],
  ])("%s on %s (closed: %s) does: %s", (key, path, closed, expected) => {
    expect(press(key, path, closed)).toEqual([[expected], true]);
  });

  it("stays where it is at the ends, and leaves other keys to the browser", () => {
    expect(press("ArrowUp", "docs")).toEqual([[], true]);
    expect(press("ArrowLeft", "b.txt")).toEqual([[], true]);
    expect(press("q", "b.txt")).toEqual([[], false]);
  });

  it("renames and deletes nothing for somebody who may only read", () => {
    const focus = vi.fn();
    const actions: TreeActions = { focus, setClosed: vi.fn(), choose: vi.fn(), leave: vi.fn() };
    const tree = { rows: visibleNodes(buildTree(FILES), new Set()), closed: new Set<string>() };
    expect(actOnKey("Delete", "b.txt", tree, actions)).toBe(true);
    expect(focus).not.toHaveBeenCalled();
  });
});
