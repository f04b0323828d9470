import { useEffect, useRef } from "preact/hooks";
import { giveBackFocus } from "../parts/focus";
import { CloseIcon } from "../parts/icons";
import type { Workspace } from "../workspace/workspace";
import { CollaboratorRow } from "./collaborator_row";
import { InviteForm } from "./invite_form";
import { InvitationRow } from "./invitation_row";
import { LeaveButton } from "./leave_button";

/** Everybody in the project and on their way into it: a panel beside the page, which stays usable. */
export function PeoplePanel({ workspace, onClose }: { workspace: Workspace; onClose: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { roster } = workspace;
  useEffect(() => roster.watch(), [roster]);
  useEffect(() => {
    const before = document.activeElement;
    const panel = heading.current?.closest("aside") ?? null;
    heading.current?.focus();
    return () => giveBackFocus(panel, before);
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") onClose();
  };
  return (
    <aside class="panel" aria-labelledby="people-title" onKeyDown={onKeyDown}>
      <header class="panel-head">
        <h2 id="people-title" ref={heading} tabIndex={-1}>
          People in {workspace.project.value?.name}
        </h2>
        <button class="icon-button" type="button" aria-label="Close" onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      <div class="panel-body">
        {roster.failure.value !== null && (
          <p class="field-error" role="alert">
            The people did not load. {roster.failure.value}
          </p>
        )}
        {workspace.may("invite") && <InviteForm workspace={workspace} />}
        <Members workspace={workspace} />
        {workspace.may("invite") && <Invitations workspace={workspace} />}
        <LeaveButton workspace={workspace} />
      </div>
    </aside>
  );
}

function Members({ workspace }: { workspace: Workspace }) {
  const people = workspace.roster.collaborators.value;
  return (
    <section class="panel-part">
      <h3>Members{people && <span class="count">{people.length}</span>}</h3>
      {people === null && <p class="muted">Loading…</p>}
      <ul class="member-list" aria-label="Members">
        {people?.map((collaborator) => (
          <CollaboratorRow key={collaborator.person.id} workspace={workspace} collaborator={collaborator} />
        ))}
      </ul>
      <Onlookers workspace={workspace} />
    </section>
  );
}

/** Who is in the open file without being a member: the project's visibility, or a guest's name, let them in. */
function Onlookers({ workspace }: { workspace: Workspace }) {
  const members = new Set(workspace.roster.collaborators.value?.map(({ person }) => person.id));
  const names = (workspace.openFile.value?.visitors.value ?? [])
    .filter(({ id }) => !members.has(id) && id !== workspace.user.value?.id)
    .map(({ name }) => name);
  if (!workspace.roster.collaborators.value || names.length === 0) return null;
  return <p class="muted">Also in this file, without being members: {[...new Set(names)].join(", ")}</p>;
}

function Invitations({ workspace }: { workspace: Workspace }) {
  const invitations = workspace.roster.invitations.value;
  if (invitations.length === 0) return null;
  return (
    <section class="panel-part">
      <h3>
        Open invitations<span class="count">{invitations.length}</span>
      </h3>
      <ul class="member-list" aria-label="Open invitations">
        {invitations.map((invitation) => (
          <InvitationRow key={invitation.id} workspace={workspace} invitation={invitation} />
        ))}
      </ul>
    </section>
  );
}
