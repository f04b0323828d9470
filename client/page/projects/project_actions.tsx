import type { Project } from "../../src/wire.gen";
import { projectAddress } from "../address";
import { post } from "../api";
import { openDialog } from "../parts/dialogs";
import type { MenuItem } from "../parts/menu";
import { show, showError } from "../parts/toasts";
import { go } from "../route";
import { DeleteDialog } from "./delete_dialog";
import { DetailsDialog } from "./details_dialog";
import { exportsOf } from "./export";
import { NameDialog } from "./name_dialog";
import type { Shelf } from "./shelf";
import { TemplateDialog } from "./template_dialog";
import { TransferDialog } from "./transfer_dialog";
import { VisibilityDialog } from "./visibility_dialog";

/** What a person may do with a whole project; the server decides again each time. */
export function actionsOn(project: Project, shelf: Shelf): MenuItem[] {
  const clone: MenuItem = { label: "Clone…", run: () => void cloneProject(project) };
  const exports = exportsOf(project.id);
  if (project.role !== "owner") return [clone, ...exports];
  const isArchived = project.archivedAt !== null;
  return [
    ...(isArchived ? [] : [{ label: "Name and details…", run: () => void changeWith(DetailsDialog, project, shelf) }]),
    { label: "Who may see it…", run: () => void changeWith(VisibilityDialog, project, shelf) },
    clone,
    ...exports,
    { label: "Make a template…", run: () => void makeTemplate(project) },
    { label: "Hand over…", run: () => void changeWith(TransferDialog, project, shelf) },
    {
      label: isArchived ? "Take out of the archive" : "Archive",
      run: () => void archive(project, shelf, !isArchived),
    },
    { label: "Delete…", isDanger: true, run: () => void deleteProject(project, shelf) },
  ];
}

export interface ChangeDialogProps {
  project: Project;
  settle: (changed: Project | null) => void;
}

async function changeWith(
  Dialog: (props: ChangeDialogProps) => preact.VNode,
  project: Project,
  shelf: Shelf,
): Promise<void> {
  const changed = await openDialog<Project>((settle) => <Dialog project={project} settle={settle} />);
  if (changed) shelf.put(changed);
}

async function cloneProject(project: Project): Promise<void> {
  const clone = await openDialog<Project>((settle) => (
    <NameDialog
      title={`Clone ${project.name}`}
      text="A project of your own with the files as they are now, without the people and the history."
      label="Clone"
      initial={`${project.name.slice(0, 240)} (copy)`}
      send={(projectName) => post("projects/clone", { projectName }, { projectId: project.id })}
      settle={settle}
    />
  ));
  if (clone) go(projectAddress(clone.id));
}

async function makeTemplate(project: Project): Promise<void> {
  const template = await openDialog<string>((settle) => <TemplateDialog project={project} settle={settle} />);
  if (template) show({ kind: "info", text: `${template} is a template now. New projects can begin with it.` });
}

async function archive(project: Project, shelf: Shelf, isArchived: boolean): Promise<void> {
  const command = isArchived ? "projects/archive" : "projects/unarchive";
  try {
    shelf.put(await post(command, {}, { projectId: project.id }));
    const said = isArchived ? "is archived: everybody can read it, nobody can change it." : "can be changed again.";
    const undo = { label: "Undo", run: () => void archive(project, shelf, false).then(() => shelf.load()) };
    show({ kind: "info", text: `${project.name} ${said}`, ...(isArchived && { action: undo }) });
  } catch (error) {
    showError(`${project.name} stays as it was.`, error);
  }
}

async function deleteProject(project: Project, shelf: Shelf): Promise<void> {
  const isDeleted = await openDialog<true>((settle) => <DeleteDialog project={project} settle={settle} />);
  if (!isDeleted) return;
  shelf.take(project.id);
  show({
    kind: "info",
    text: `${project.name} is deleted.`,
    action: { label: "Undo", run: () => void restoreProject(project.id, project.name, shelf) },
  });
}

/** Bring a deleted project back. */
export async function restoreProject(id: string, name: string, shelf: Shelf): Promise<void> {
  try {
    await post("projects/restore", { id });
    shelf.take(id);
    shelf.load();
    show({ kind: "info", text: `${name} is back.` });
  } catch (error) {
    showError(`${name} did not come back.`, error);
  }
}
