import type { Collaborator, GivenPermissions } from "../../src/wire.gen";
import { Problem, useAttempt } from "../parts/attempt";
import { Modal, openDialog } from "../parts/dialogs";
import { FLAGS, roleLabel } from "./roles";
import type { Roster } from "./roster";

const CHOICES = [
  { value: "", label: "As the role says" },
  { value: "yes", label: "May" },
  { value: "no", label: "May not" },
];
const FLAG_VALUES: Record<string, boolean | null> = { "": null, yes: true, no: false };

/** Set what one person may do other than their role says. */
export async function editPermissions(roster: Roster, collaborator: Collaborator): Promise<void> {
  await openDialog<true>((settle) => <PermissionsDialog roster={roster} collaborator={collaborator} settle={settle} />);
}

interface PermissionsDialogProps {
  roster: Roster;
  collaborator: Collaborator;
  settle: (answer: true | null) => void;
}

function PermissionsDialog({ roster, collaborator, settle }: PermissionsDialogProps) {
  const { person, role, permissions } = collaborator;
  const { problem, attempt } = useAttempt();
  const save = (event: SubmitEvent): void => {
    event.preventDefault();
    const permissions = chosen(event.currentTarget as HTMLFormElement);
    attempt(async () => {
      await roster.setPermissions(person.id, permissions);
      settle(true);
    });
  };
  return (
    <Modal
      title={`What ${person.name} may do`}
      text={`${roleLabel(role)}, and what is other for ${person.name} alone.`}
      onClose={() => settle(null)}
    >
      <form onSubmit={save}>
        {FLAGS.map(({ flag, label }) => (
          <label key={flag} class="field is-row">
            <span>{label}</span>
            <select class="input is-small" name={flag}>
              {CHOICES.map((choice) => (
                <option key={choice.value} value={choice.value} selected={choice.value === valueOf(permissions[flag])}>
                  {choice.label}
                </option>
              ))}
            </select>
          </label>
        ))}
        <Problem text={problem} />
        <div class="dialog-buttons">
          <button class="button" type="button" onClick={() => settle(null)}>
            Cancel
          </button>
          <button class="button is-primary">Save</button>
        </div>
      </form>
    </Modal>
  );
}

function chosen(form: HTMLFormElement): GivenPermissions {
  const values = new FormData(form);
  return Object.fromEntries(FLAGS.map(({ flag }) => [flag, FLAG_VALUES[String(values.get(flag))] ?? null]));
}

function valueOf(flag: boolean | null): string {
  if (flag === null) return "";
  return flag ? "yes" : "no";
}
