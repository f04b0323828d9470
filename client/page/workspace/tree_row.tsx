import { languageOf } from "../editor/languages";
import { ChevronIcon, MoreIcon } from "../parts/icons";
import type { TreeNode, TreeRow as Row } from "./tree";
import type { TreeDrag } from "./tree_drag";

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
  /** Present when the person may move it. */
  drag?: TreeDrag;
  onFocus: () => void;
  onChoose: () => void;
  onMenu: (event: MouseEvent) => void;
}

export function TreeRow(props: TreeRowProps) {
  const { row, isClosed, isOpen, isEntry, isCut, isTarget, address, drag, onFocus, onMenu } = props;
  const { node, level } = row;
  const isFolder = node.children !== null;
  const states = [isOpen && "is-open", isCut && "is-cut", isTarget && "is-target"].filter(Boolean).join(" ");
  return (
    <li
      role="none"
      class={`row ${states}`}
      style={{ "--level": level }}
      onContextMenu={onMenu}
      {...dragging(node, drag)}
    >
      <a
        role="treeitem"
        class="row-name"
        {...(!isFolder && { href: address, "aria-selected": isOpen })}
        {...(isFolder && { "aria-expanded": !isClosed })}
        aria-level={level}
        aria-posinset={row.place}
        aria-setsize={row.siblings}
        aria-keyshortcuts="F2 Delete Control+X Control+V Shift+F10"
        tabIndex={isEntry ? 0 : -1}
        data-path={node.path}
        title={node.path}
        draggable={drag !== undefined}
        onClick={(event) => choose(event, props.onChoose)}
        onFocus={onFocus}
      >
        {isFolder ? <ChevronIcon /> : <FileMark node={node} />}
        <span class="row-text">{node.name}</span>
      </a>
      <span class="row-actions">
        <button
          class="icon-button is-small"
          type="button"
          tabIndex={-1}
          aria-label={`Actions for ${node.name}`}
          aria-haspopup="menu"
          onClick={onMenu}
        >
          <MoreIcon />
        </button>
      </span>
    </li>
  );
}

function dragging(node: TreeNode, drag: TreeDrag | undefined) {
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
