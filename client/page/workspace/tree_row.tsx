import { Component } from "preact";
import { languageOf } from "../editor/languages";
import { ChevronIcon, MoreIcon } from "../parts/icons";
import type { TreeNode, TreeRow as Row } from "./tree";
import type { TreeDrag } from "./tree_drag";

/** What a row does; the same object for all of them, so that a row is drawn anew only when it is another. */
export interface RowActions {
  focus: (node: TreeNode) => void;
  choose: (node: TreeNode) => void;
  menu: (event: MouseEvent, node: TreeNode) => void;
}

interface TreeRowProps {
  row: Row;
  isClosed: boolean;
  /** Whether this file is on screen. */
  isOpen: boolean;
  /** Whether Tab enters the tree here. */
  isEntry: boolean;
  /** Whether it waits for a folder to be pasted into. */
  isCut: boolean;
  /** Whether something is dragged over this folder. */
  isTarget: boolean;
  address: string;
  /** Null when the person may not move it. */
  drag: TreeDrag | null;
  actions: RowActions;
}

/** One of perhaps thousands: a key pressed in the tree draws two of them, not all. */
export class TreeRow extends Component<TreeRowProps> {
  override shouldComponentUpdate(next: Readonly<TreeRowProps>): boolean {
    return (Object.keys(next) as (keyof TreeRowProps)[]).some((name) => next[name] !== this.props[name]);
  }

  override render({ row, isOpen, isCut, isTarget, drag, actions, ...name }: TreeRowProps) {
    const { node, level } = row;
    const states = [isOpen && "is-open", isCut && "is-cut", isTarget && "is-target"].filter(Boolean).join(" ");
    const showMenu = (event: MouseEvent): void => actions.menu(event, node);
    return (
      <li
        role="none"
        class={`row ${states}`}
        style={{ "--level": level }}
        onContextMenu={showMenu}
        {...dragging(node, drag)}
      >
        <RowName row={row} isOpen={isOpen} isDraggable={drag !== null} actions={actions} {...name} />
        <span class="row-actions">
          <button
            class="icon-button is-small"
            type="button"
            tabIndex={-1}
            aria-label={`Actions for ${node.name}`}
            aria-haspopup="menu"
            onClick={showMenu}
          >
            <MoreIcon />
          </button>
        </span>
      </li>
    );
  }
}

interface RowNameProps extends Pick<TreeRowProps, "row" | "isClosed" | "isOpen" | "isEntry" | "address" | "actions"> {
  isDraggable: boolean;
}

function RowName({ row, isClosed, isOpen, isEntry, address, isDraggable, actions }: RowNameProps) {
  const { node, level, place, siblings } = row;
  const isFolder = node.children !== null;
  return (
    <a
      role="treeitem"
      class="row-name"
      {...(!isFolder && { href: address, "aria-selected": isOpen })}
      {...(isFolder && { "aria-expanded": !isClosed })}
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-keyshortcuts="F2 Delete Control+X Control+V Shift+F10"
      tabIndex={isEntry ? 0 : -1}
      data-path={node.path}
      title={node.path}
      draggable={isDraggable}
      onClick={(event) => choose(event, () => actions.choose(node))}
      onFocus={() => actions.focus(node)}
    >
      {isFolder ? <ChevronIcon /> : <FileMark node={node} />}
      <span class="row-text">{node.name}</span>
    </a>
  );
}

function dragging(node: TreeNode, drag: TreeDrag | null) {
  if (!drag) return {};
  return {
    onDragStart: (event: DragEvent) => drag.begin(event, node),
    onDragOver: (event: DragEvent) => {
      event.stopPropagation();
      drag.over(event, node);
    },
    onDrop: (event: DragEvent) => {
      event.stopPropagation();
      drag.drop(event, node);
    },
    onDragEnd: () => drag.end(),
  };
}

function choose(event: MouseEvent, onChoose: () => void): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  onChoose();
}

function FileMark({ node: { path, file } }: { node: TreeNode }) {
  const language = languageOf(path);
  const plain = file?.isSymlink ? "↪" : file?.isBinary ? "◫" : "≡";
  return (
    <span class="language-mark" aria-hidden="true" style={{ "--language": language?.color ?? "var(--muted)" }}>
      {language && !file?.isBinary && !file?.isSymlink ? language.mark : plain}
    </span>
  );
}
