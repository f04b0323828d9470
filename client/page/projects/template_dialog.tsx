import { useState } from "preact/hooks";
import type { GivenVariable, Project } from "../../src/wire.gen";
import { post } from "../api";
import { CloseIcon } from "../parts/icons";
import { FormDialog, LongField, TextField, textOf, wordsOf } from "./form";

const MAX_VARIABLES = 20; // as the server takes them

/** Makes a template of a project; settles with its name. */
export function TemplateDialog({ project, settle }: { project: Project; settle: (name: string | null) => void }) {
  const [variables, setVariables] = useState<number[]>([]);
  const add = (): void => setVariables([...variables, Math.max(0, ...variables) + 1]);
  return (
    <FormDialog
      title="Make a template"
      text="New projects can begin with the files as they are now. Later changes of this project are not in it."
      label="Make the template"
      send={(values) => make(values, project, variables)}
      settle={settle}
    >
      <TextField name="name" label="Name" value={project.name} isNeeded />
      <LongField name="description" label="Description" value={project.description ?? ""} />
      <div class="field-pair">
        <TextField name="category" label="Category" maxLength={50} />
        <TextField name="tags" label="Tags" value={project.tags.join(", ")} maxLength={1000} />
      </div>
      <fieldset class="variables">
        <legend>Variables</legend>
        <p class="muted">
          Each stands in file names and texts as <code>{"{{name}}"}</code>, and is asked for.
        </p>
        {variables.map((number) => (
          <VariableRow
            key={number}
            number={number}
            onRemove={() => setVariables(variables.filter((other) => other !== number))}
          />
        ))}
        {variables.length < MAX_VARIABLES && (
          <button class="link-button" type="button" onClick={add}>
            Add a variable
          </button>
        )}
      </fieldset>
      <label class="check">
        <input type="checkbox" name="public" />
        Everybody who signed in may see and use it, with all of its files
      </label>
    </FormDialog>
  );
}

function VariableRow({ number, onRemove }: { number: number; onRemove: () => void }) {
  return (
    <div class="variable">
      <input
        class="input is-code"
        name={`name ${number}`}
        aria-label="Name of the variable"
        placeholder="name"
        pattern="[A-Za-z][A-Za-z0-9_]*"
        title="Letters, digits and _, beginning with a letter"
        maxLength={50}
        required
        autocapitalize="off"
        autocomplete="off"
        spellcheck={false}
      />
      <input
        class="input"
        name={`label ${number}`}
        aria-label="What to ask"
        placeholder="What to ask"
        maxLength={100}
      />
      <input class="input" name={`default ${number}`} aria-label="Default" placeholder="Default" maxLength={200} />
      <button class="icon-button" type="button" aria-label="Remove the variable" onClick={onRemove}>
        <CloseIcon />
      </button>
    </div>
  );
}

async function make(values: FormData, project: Project, variables: number[]): Promise<string> {
  const request = {
    templateName: textOf(values, "name"),
    description: textOf(values, "description"),
    category: textOf(values, "category") || null,
    tags: wordsOf(values, "tags"),
    isPublic: values.has("public"),
    variables: variables.map((number) => variableOf(values, number)),
  };
  return (await post("templates/make", request, { projectId: project.id })).name;
}

function variableOf(values: FormData, number: number): GivenVariable {
  const asked = textOf(values, `default ${number}`);
  return {
    name: textOf(values, `name ${number}`),
    label: textOf(values, `label ${number}`),
    default: asked === "" ? null : asked,
  };
}
