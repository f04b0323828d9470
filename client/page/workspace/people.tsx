import { cursorOf } from "../editor/cursor_index";
import { editorOnScreen } from "../editor/on_screen";
import { initials } from "../words";
import type { Visitor } from "./open_file";
import type { Workspace } from "./workspace";

const MAX_SHOWN = 5;

/** Who is in the open file; choosing somebody goes to their cursor. */
export function People({ workspace }: { workspace: Workspace }) {
  const me = workspace.user.value;
  const visitors = byPerson(workspace.openFile.value?.visitors.value ?? []);
  if (!me) return null;
  return (
    <ul class="people" aria-label="People in this file">
      {visitors.slice(0, MAX_SHOWN).map((visitor) => (
        <li key={visitor.clientId}>
          <button
            class="person"
            type="button"
            style={{ "--person": visitor.color }}
            title={`${visitor.name}: go to their cursor`}
            aria-label={`${visitor.name}: go to their cursor`}
            onClick={() => goTo(workspace, visitor)}
          >
            {initials(visitor.name)}
          </button>
        </li>
      ))}
      {visitors.length > MAX_SHOWN && (
        <li
          class="person is-rest"
          title={visitors
            .slice(MAX_SHOWN)
            .map((visitor) => visitor.name)
            .join(", ")}
        >
          +{visitors.length - MAX_SHOWN}
        </li>
      )}
      <li class="person is-me" style={{ "--person": me.color }} title={`${me.name} (you)`}>
        <span aria-hidden="true">{initials(me.name)}</span>
        <span class="visually-hidden">{me.name} (you)</span>
      </li>
    </ul>
  );
}

/** One entry for somebody with several windows: the first. */
function byPerson(visitors: Visitor[]): Visitor[] {
  const seen = new Set<string>();
  return visitors.filter(({ id, name, clientId }) => {
    const key = id ?? `${name} ${clientId}`;
    return !seen.has(key) && seen.add(key);
  });
}

function goTo(workspace: Workspace, visitor: Visitor): void {
  const document = workspace.openFile.value?.document;
  const cursor = document?.text ? cursorOf(document.awareness, document.text, visitor.clientId) : null;
  if (cursor) editorOnScreen.value?.goTo(cursor.head);
}
