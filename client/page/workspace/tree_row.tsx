import { languageOf } from "../editor/languages";
import { ChevronIcon, DeleteIcon, RenameIcon } from "../parts/icons";
import type { TreeNode } from "./tree";

interface TreeRowProps {
  node: TreeNode;
  level: number;
  isClosed: boolean;
  /** Whether this file is on screen. */
  isOpen: boolean;
  /** Whether Tab enters the tree here. */
  isEntry: boolean;
  address: string;
  onFocus: () => void;
  onChoose: () => void;
  onRename?: () => void;
  onDelete?: () => void;
}

export function TreeRow(props: TreeRowProps) {
  const { node, level, isClosed, isOpen, isEntry, address, onFocus, onChoose, onRename, onDelete } = props;
  const isFolder = node.children !== null;
  const choose = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onChoose();
  };
  return (
    <li role="none" class={`row ${isOpen ? "is-open" : ""}`} style={{ "--level": level }}>
      <a
        role="treeitem"
        class="row-name"
        {...(!isFolder && { href: address, "aria-selected": isOpen })}
        {...(isFolder && { "aria-expanded": !isClosed })}
        aria-level={level}
        tabIndex={isEntry ? 0 : -1}
        data-path={node.path}
        title={node.path}
        onClick={choose}
        onFocus={onFocus}
      >
        {isFolder ? <ChevronIcon /> : <LanguageMark path={node.path} />}
        <span class="row-text">{node.name}</span>
      </a>
      {onRename && onDelete && (
        <span class="row-actions">
          <RowButton label={`Rename ${node.name}`} onClick={onRename}>
            <RenameIcon />
          </RowButton>
          <RowButton label={`Delete ${node.name}`} onClick={onDelete}>
            <DeleteIcon />
          </RowButton>
        </span>
      )}
    </li>
  );
}

/** For the pointer; the keyboard has F2 and Delete. */
function RowButton(props: { label: string; onClick: () => void; children: preact.ComponentChildren }) {
  return (
    <button
      class="icon-button is-small"
      type="button"
      tabIndex={-1}
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

function LanguageMark({ path }: { path: string }) {
  const language = languageOf(path);
  return (
    <span class="language-mark" aria-hidden="true" style={{ "--language": language?.color ?? "var(--muted)" }}>
      {language?.mark ?? "≡"}
    </span>
  );
}
