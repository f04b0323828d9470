import type { Project } from "../../src/wire.gen";
import { post } from "../api";
import { FormDialog, textOf } from "./form";
import type { ChangeDialogProps } from "./project_actions";

type Visibility = Project["visibility"];

const MEANINGS: readonly [visibility: Visibility, label: string, meaning: string][] = [
  ["private", "Private", "Only its people"],
  ["team", "Team", "Its people, and everybody who belongs to another project of yours, to read"],
  ["public", "Public", "Everybody who signed in, to read"],
];

export function VisibilityDialog({ project, settle }: ChangeDialogProps) {
  return (
    <FormDialog
      title={`Who may see ${project.name}`}
      text="Who may no longer see it is sent out at once, in every window."
      label="Save"
      send={(values) =>
        post(
          "projects/set_visibility",
          { visibility: textOf(values, "visibility") as Visibility },
          { projectId: project.id },
        )
      }
      settle={settle}
    >
      <VisibilityField value={project.visibility} />
    </FormDialog>
  );
}

export function VisibilityField({ value }: { value: Visibility }) {
  return (
    <fieldset class="options">
      <legend class="visually-hidden">Who may see it</legend>
      {MEANINGS.map(([visibility, label, meaning]) => (
        <label key={visibility} class="option">
          <input type="radio" name="visibility" value={visibility} defaultChecked={visibility === value} />
          <span>
            <strong>{label}</strong>
            <small class="muted">{meaning}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
