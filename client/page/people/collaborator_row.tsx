import type { Collaborator } from "../../src/wire.gen";
import { Problem, useAttempt } from "../parts/attempt";
import { confirmDanger } from "../parts/dialogs";
import { MoreIcon } from "../parts/icons";
import { openMenuBelow } from "../parts/menu";
import { initials } from "../words";
import type { Workspace } from "../workspace/workspace";
import { editPermissions } from "./permissions_dialog";
import { GIVEN_ROLES, type GivenRole, hasExceptions, roleLabel } from "./roles";

interface CollaboratorRowProps {
  workspace: Workspace;
  collaborator: Collaborator;
}

/** One member: who they are, and for who may manage what they may do. */
export function CollaboratorRow({ workspace, collaborator }: CollaboratorRowProps) {
  const { person, email, role } = collaborator;
  const { problem, attempt } = useAttempt();
  const isMe = person.id === workspace.user.value?.id;
  const isManaged = workspace.may("manage") && !isMe && role !== "owner";
  const isHere = isMe || (workspace.openFile.value?.visitors.value ?? []).some(({ id }) => id === person.id);
  const facts = [
    email,
    isHere && !isMe && "in this file",
    hasExceptions(collaborator.permissions) && "with exceptions",
  ];
  return (
    <li class="member">
      <span class={`person ${isHere ? "is-here" : ""}`} style={{ "--person": person.color }} aria-hidden="true">
        {initials(person.name)}
      </span>
      <span class="member-name">
        <span>
          {person.name}
          {isMe && " (you)"}
        </span>
        <small class="muted">{facts.filter(Boolean).join(" · ")}</small>
      </span>
      {isManaged ? (
        <Managing
          workspace={workspace}
          collaborator={collaborator}
          onRole={(chosen) => attempt(() => workspace.roster.changeRole(person.id, chosen))}
          onRemove={() => attempt(() => remove(workspace, collaborator))}
        />
      ) : (
        <span class="muted">{roleLabel(role)}</span>
      )}
      <Problem text={problem} />
    </li>
  );
}

interface ManagingProps extends CollaboratorRowProps {
  onRole: (role: GivenRole) => void;
  onRemove: () => void;
}

function Managing({ workspace, collaborator, onRole, onRemove }: ManagingProps) {
  const { name } = collaborator.person;
  const showMenu = (event: MouseEvent): void =>
    openMenuBelow(event.currentTarget as Element, `More about ${name}`, [
      { label: "Permissions…", run: () => void editPermissions(workspace.roster, collaborator) },
      { label: "Remove from the project", isDanger: true, run: onRemove },
    ]);
  return (
    <>
      <select
        class="input is-small"
        aria-label={`Role of ${name}`}
        value={collaborator.role}
        onChange={(event) => {
          const chosen = event.currentTarget.value as GivenRole;
          event.currentTarget.value = collaborator.role; // until the server says so
          onRole(chosen);
        }}
      >
        {GIVEN_ROLES.map(({ role, label, meaning }) => (
          <option key={role} value={role} title={meaning}>
            {label}
          </option>
        ))}
      </select>
      <button
        class="icon-button"
        type="button"
        aria-label={`More about ${name}`}
        aria-haspopup="menu"
        onClick={showMenu}
      >
        <MoreIcon />
      </button>
    </>
  );
}

async function remove(workspace: Workspace, { person }: Collaborator): Promise<void> {
  const isSure = await confirmDanger(`Remove ${person.name}?`, {
    text: `${person.name} loses the project at once, in every window. What they wrote stays.`,
    label: "Remove",
  });
  if (isSure) await workspace.roster.remove(person.id);
}
