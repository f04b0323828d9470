import { confirmDanger } from "../parts/dialogs";
import { showError } from "../parts/toasts";
import { go } from "../route";
import type { Workspace } from "../workspace/workspace";

/** For members but the owner, who can only transfer the project or delete it. */
export function LeaveButton({ workspace }: { workspace: Workspace }) {
  const me = workspace.user.value?.id;
  const own = workspace.roster.collaborators.value?.find(({ person }) => person.id === me);
  if (!own || own.role === "owner") return null;
  return (
    <section class="panel-part">
      <button class="button is-quiet-danger" type="button" onClick={() => void leave(workspace)}>
        Leave the project
      </button>
    </section>
  );
}

async function leave(workspace: Workspace): Promise<void> {
  const isSure = await confirmDanger(`Leave ${workspace.project.value?.name}?`, {
    text: "You come back only when somebody invites you again. What you wrote stays.",
    label: "Leave",
  });
  if (!isSure) return;
  try {
    await workspace.roster.leave();
    go("/");
  } catch (error) {
    showError("You did not leave.", error);
  }
}
