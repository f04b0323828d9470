import { useEffect, useState } from "preact/hooks";
import type { Project, Template } from "../../src/wire.gen";
import { projectAddress } from "../address";
import { post } from "../api";
import { openDialog } from "../parts/dialogs";
import { go } from "../route";
import { FormDialog, TextField, textOf } from "./form";
import { importProject } from "./import_project";
import { VisibilityField } from "./visibility_dialog";

const MAX_SHOWN = 100; // those used most; the search reaches the others
const SEARCH_PAUSE_MS = 200;

/** Ask how a new project begins, make it, and go there. */
export async function makeProject(): Promise<void> {
  const made = await openDialog<Project>((settle) => <NewProject settle={settle} />);
  if (made) go(projectAddress(made.id));
}

function NewProject({ settle }: { settle: (made: Project | null) => void }) {
  const [template, setTemplate] = useState<Template | null>(null);
  return (
    <FormDialog
      title="New project"
      text="Begin with nothing, or with the files of a template."
      label="Make the project"
      isWide
      send={(values) => (template === null ? makeEmpty(values) : makeFrom(values, template))}
      settle={settle}
    >
      <TextField name="name" label="Name" isNeeded />
      <Beginnings chosen={template} onChoose={setTemplate} />
      <button class="link-button" type="button" onClick={() => void importProject()}>
        Import an archive instead
      </button>
      {template?.variables.map(({ name, label, default: initial }) => (
        <TextField
          key={`${template.id} ${name}`}
          name={`value ${name}`}
          label={label || name}
          value={initial ?? ""}
          maxLength={200}
          isNeeded={initial === null}
        />
      ))}
      <details>
        <summary>Who may see it</summary>
        <VisibilityField value="private" />
      </details>
    </FormDialog>
  );
}

/** The empty project and the templates, one of which is chosen. */
function Beginnings(props: { chosen: Template | null; onChoose: (template: Template | null) => void }) {
  const { chosen, onChoose } = props;
  const [search, setSearch] = useState("");
  const [gone, setGone] = useState<readonly string[]>([]);
  const { templates, error } = useTemplates(search);
  const listed = (templates ?? []).filter(({ id }) => !gone.includes(id));
  const isThere = chosen === null || listed.some(({ id }) => id === chosen.id);
  const shown = isThere ? listed : [chosen, ...listed];
  const remove = async ({ id }: Template): Promise<void> => {
    await post("templates/delete", { id });
    if (chosen?.id === id) onChoose(null);
    setGone([...gone, id]);
  };
  return (
    <fieldset class="beginnings">
      <legend>Begin with</legend>
      <input
        class="input"
        type="search"
        aria-label="Search templates by name, description or tag"
        placeholder="Search templates"
        maxLength={200}
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault(); // it searches already
        }}
      />
      <div class="options is-scrolling">
        <Beginning
          label="Empty project"
          meaning="No files"
          isChosen={chosen === null}
          onChoose={() => onChoose(null)}
        />
        {shown.map((template) => (
          <Beginning
            key={template.id}
            label={template.name}
            meaning={[template.description, template.author && `by ${template.author.name}`]
              .filter(Boolean)
              .join(" · ")}
            isChosen={chosen?.id === template.id}
            onChoose={() => onChoose(template)}
            {...(template.isOwn && { onDelete: () => remove(template) })}
          />
        ))}
      </div>
      <p class="muted" role="status">
        {error || (templates?.length === 0 ? "No template has words that begin so." : "")}
      </p>
    </fieldset>
  );
}

interface BeginningProps {
  label: string;
  meaning: string;
  isChosen: boolean;
  onChoose: () => void;
  onDelete?: () => Promise<void>;
}

function Beginning({ label, meaning, isChosen, onChoose, onDelete }: BeginningProps) {
  return (
    <div class="option-place">
      <label class="option">
        <input type="radio" name="beginning" checked={isChosen} onChange={onChoose} />
        <span>
          <strong>{label}</strong>
          <small class="muted">{meaning}</small>
        </span>
      </label>
      {onDelete && <DeleteTwice label={label} onDelete={onDelete} />}
    </div>
  );
}

/** Asks once more in its own place, because a dialog is open already. */
function DeleteTwice({ label, onDelete }: { label: string; onDelete: () => Promise<void> }) {
  const [said, setSaid] = useState("Delete");
  const isAsked = said !== "Delete";
  const act = (): void => {
    if (!isAsked) return setSaid("Really delete?");
    onDelete().catch((reason: unknown) => setSaid(reason instanceof Error ? reason.message : String(reason)));
  };
  return (
    <button
      class={`link-button ${isAsked ? "is-danger" : ""}`}
      type="button"
      aria-label={`${said} the template ${label}`}
      onClick={act}
      onBlur={() => setSaid("Delete")}
    >
      {said}
    </button>
  );
}

function useTemplates(search: string): { templates: Template[] | null; error: string } {
  const [found, setFound] = useState<{ templates: Template[] | null; error: string }>({ templates: null, error: "" });
  useEffect(() => {
    let isWanted = true;
    const timer = setTimeout(
      () => {
        post("templates/list", { search: search.trim() || null, limit: MAX_SHOWN }).then(
          ({ templates }) => isWanted && setFound({ templates, error: "" }),
          (reason: unknown) => isWanted && setFound({ templates: null, error: String(reason) }),
        );
      },
      search ? SEARCH_PAUSE_MS : 0,
    );
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [search]);
  return found;
}

function makeEmpty(values: FormData): Promise<Project> {
  return post("projects/create", { projectName: textOf(values, "name"), visibility: visibilityOf(values) });
}

function makeFrom(values: FormData, template: Template): Promise<Project> {
  const given = template.variables.map(({ name }) => [name, textOf(values, `value ${name}`)] as const);
  return post("templates/use", {
    id: template.id,
    projectName: textOf(values, "name"),
    visibility: visibilityOf(values),
    values: Object.fromEntries(given),
  });
}

function visibilityOf(values: FormData): Project["visibility"] {
  return textOf(values, "visibility") as Project["visibility"];
}
