import type { Project } from "../../src/wire.gen";
import { projectAddress } from "../address";
import { MoreIcon } from "../parts/icons";
import { openMenuBelow } from "../parts/menu";
import { followInside } from "../route";
import { age } from "../words";
import { actionsOn } from "./project_actions";
import type { Shelf } from "./shelf";

const MAX_TAGS = 4; // more would hide the name

export function ProjectCard({ project, shelf }: { project: Project; shelf: Shelf }) {
  const { id, name, description, tags, visibility, role, owner, archivedAt, updatedAt } = project;
  const facts = [role === "owner" ? null : `${role}, of ${owner.name}`, `changed ${age(updatedAt)}`];
  return (
    <li class="card-place">
      <a class="card" href={projectAddress(id)} onClick={followInside}>
        <strong>{name}</strong>
        {description && <span class="card-text">{description}</span>}
        <span class="card-tags">
          {archivedAt !== null && <span class="badge is-strong">archived</span>}
          {visibility !== "private" && <span class="badge is-strong">{visibility}</span>}
          {tags.slice(0, MAX_TAGS).map((tag) => (
            <span key={tag} class="badge">
              {tag}
            </span>
          ))}
        </span>
        <small class="muted">{facts.filter(Boolean).join(" · ")}</small>
      </a>
      <button
        class="icon-button card-menu"
        type="button"
        aria-label={`More about ${name}`}
        aria-haspopup="menu"
        onClick={(event) => openMenuBelow(event.currentTarget, `More about ${name}`, actionsOn(project, shelf))}
      >
        <MoreIcon />
      </button>
    </li>
  );
}
