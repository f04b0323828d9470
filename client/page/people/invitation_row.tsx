import type { Invitation } from "../../src/wire.gen";
import { Problem, useAttempt } from "../parts/attempt";
import { until } from "../words";
import type { Workspace } from "../workspace/workspace";
import { roleLabel } from "./roles";

/** An invitation that still holds; its link was shown when it was made. */
export function InvitationRow({ workspace, invitation }: { workspace: Workspace; invitation: Invitation }) {
  const { id, email, role, maxUses, useCount, expiresAt } = invitation;
  const { problem, attempt } = useAttempt();
  const name = email ?? "Link";
  const revoke = (): void => attempt(() => workspace.roster.revoke(id));
  const facts = [roleLabel(role), maxUses > 1 && `${useCount} of ${maxUses} used`, `ends ${until(expiresAt)}`];
  return (
    <li class="member">
      <span class="member-name">
        <span>{name}</span>
        <small class="muted">{facts.filter(Boolean).join(" · ")}</small>
      </span>
      <button class="button" type="button" aria-label={`Revoke the invitation: ${name}`} onClick={revoke}>
        Revoke
      </button>
      <Problem text={problem} />
    </li>
  );
}
