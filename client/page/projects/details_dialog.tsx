import type { UpdateProject } from "../../src/wire.gen";
import { post } from "../api";
import { FormDialog, LongField, TextField, textOf, wordsOf } from "./form";
import type { ChangeDialogProps } from "./project_actions";

const STATUSES = ["draft", "building", "built", "error"] as const;

export function DetailsDialog({ project, settle }: ChangeDialogProps) {
  return (
    <FormDialog
      title="Name and details"
      text="Everybody in the project sees these."
      label="Save"
      send={(values) => post("projects/update", wanted(values), { projectId: project.id })}
      settle={settle}
    >
      <TextField name="name" label="Name" value={project.name} isNeeded />
      <LongField name="description" label="Description" value={project.description ?? ""} />
      <TextField name="tags" label="Tags" value={project.tags.join(", ")} maxLength={1000} hint="Divided by commas" />
      <TextField
        name="tech"
        label="Made with"
        value={project.techStack.join(", ")}
        maxLength={1000}
        hint="Languages and frameworks, divided by commas"
      />
      <label class="field">
        <span>Status</span>
        <select class="input" name="status">
          {STATUSES.map((status) => (
            <option key={status} value={status} selected={status === project.status}>
              {status}
            </option>
          ))}
        </select>
      </label>
    </FormDialog>
  );
}

function wanted(values: FormData): UpdateProject {
  return {
    projectName: textOf(values, "name"),
    description: textOf(values, "description"),
    tags: wordsOf(values, "tags"),
    techStack: wordsOf(values, "tech"),
    status: textOf(values, "status") as (typeof STATUSES)[number],
  };
}
