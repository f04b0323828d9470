import { useState } from "preact/hooks";
import type { Project } from "../../src/wire.gen";
import { post } from "../api";
import { FormDialog } from "./form";

/** Asks for the project's name, typed, before it goes. */
export function DeleteDialog({ project, settle }: { project: Project; settle: (answer: true | null) => void }) {
  const [typed, setTyped] = useState("");
  return (
    <FormDialog<true>
      title={`Delete ${project.name}?`}
      text="Everybody in it is sent out at once. You can have it back for some days, from the list of deleted projects."
      label="Delete"
      isDanger
      isReady={typed.trim() === project.name.trim()}
      send={() => post("projects/delete", {}, { projectId: project.id }).then(() => true as const)}
      settle={settle}
    >
      <label class="field">
        <span>
          Type <strong>{project.name}</strong> to delete it
        </span>
        <input
          class="input"
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}
