import { age, until } from "../words";
import { restoreProject } from "./project_actions";
import type { Shelf } from "./shelf";

/** What the person deleted and can have back. */
export function DeletedList({ shelf }: { shelf: Shelf }) {
  return (
    <ul class="deleted">
      {shelf.deleted.value?.map(({ id, name, deletedAt, keptUntil }) => (
        <li key={id}>
          <span class="deleted-name">
            <strong>{name}</strong>
            <small class="muted">
              deleted {age(deletedAt)} · goes for good {until(keptUntil)}
            </small>
          </span>
          <button
            class="button"
            type="button"
            aria-label={`Bring back ${name}`}
            onClick={() => void restoreProject(id, name, shelf)}
          >
            Bring back
          </button>
        </li>
      ))}
    </ul>
  );
}
