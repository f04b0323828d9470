import { useState } from "preact/hooks";
import type { Invitation } from "../../src/wire.gen";
import { until } from "../words";
import type { Workspace } from "../workspace/workspace";
import { roleLabel } from "./roles";

/** An invitation that still holds; its link was shown when it was made. */
export function InvitationRow({ workspace, invitation }: { workspace: Workspace; invitation: Invitation }) {
  const { id, email, role, maxUses, useCount, expiresAt } = invitation;
  const [error, setError] = useState<string | null>(null);
  const name = email ?? "Link";
  const revoke = (): void => {
    setError(null);
    workspace.roster
      .revoke(id)
      .catch((reason: unknown) => setError(reason instanceof Error ? reason.message : String(reason)));
  };
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
      {error !== null && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
    </li>
  );
}
