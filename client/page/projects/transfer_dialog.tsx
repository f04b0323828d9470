import { useEffect, useState } from "preact/hooks";
import type { Collaborator } from "../../src/wire.gen";
import { post } from "../api";
import { FormDialog, textOf } from "./form";
import type { ChangeDialogProps } from "./project_actions";

export function TransferDialog({ project, settle }: ChangeDialogProps) {
  const [people, setPeople] = useState<Collaborator[] | null>(null);
  const [error, setError] = useState("");
  useEffect(() => {
    post("collaborators/list", { limit: 500 }, { projectId: project.id }).then(
      (reply) => setPeople(reply.collaborators.filter(({ role }) => role !== "owner")),
      (reason: unknown) => setError(reason instanceof Error ? reason.message : String(reason)),
    );
  }, []);
  return (
    <FormDialog
      title={`Hand ${project.name} over`}
      text="The new owner decides who belongs to it, and whether it stays. You remain as an editor."
      label="Hand over"
      isDanger
      isReady={!!people?.length}
      send={(values) => post("projects/transfer", { userId: textOf(values, "heir") }, { projectId: project.id })}
      settle={settle}
    >
      {people === null && <p class="muted">{error || "Loading…"}</p>}
      {people?.length === 0 && (
        <p class="muted">Nobody else belongs to this project. Open it and invite somebody first.</p>
      )}
      {!!people?.length && (
        <label class="field">
          <span>New owner</span>
          <select class="input" name="heir">
            {people.map(({ person, email, role }) => (
              <option key={person.id} value={person.id}>
                {person.name} ({[email, role].filter(Boolean).join(", ")})
              </option>
            ))}
          </select>
        </label>
      )}
    </FormDialog>
  );
}
