import type { ProjectSession } from "../../src/index";
import { RequestError } from "../../src/index";
import type { FileEntry } from "../../src/wire.gen";
import { contentAddress, projectAddress } from "../address";
import { confirmDanger } from "../parts/dialogs";
import { askPath } from "../parts/path_dialog";
import { show, showError } from "../parts/toasts";
import { go, route } from "../route";
import { joined, nameOf, type TreeNode } from "./tree";

/** What people do with the tree. What goes wrong is told in the dialog that asked, else in a message. */
export class FileActions {
  readonly #projectId: string;
  readonly #session: ProjectSession;
  readonly #removed = new Set<string>();

  constructor(projectId: string, session: ProjectSession) {
    this.#projectId = projectId;
    this.#session = session;
  }

  /** Whether the person deleted this path, or a folder around it, in this window: then nobody else tells them. */
  hasRemoved(path: string): boolean {
    return [...this.#removed].some((gone) => path === gone || path.startsWith(`${gone}/`));
  }

  createFile(folder: string): Promise<boolean> {
    return askPath("New file", {
      text: "A path may name new folders, as in src/parts/new.py.",
      label: "Create",
      initial: joined(folder, ""),
      submit: async (path) => {
        const file = await this.#session.files.create(path);
        this.#warn(file);
        go(projectAddress(this.#projectId, file.path));
      },
    });
  }

  createFolder(folder: string): Promise<boolean> {
    return askPath("New folder", {
      text: "A path may name new folders above it, too.",
      label: "Create",
      initial: joined(folder, ""),
      submit: async (path) => this.#warn(await this.#session.files.makeDirectory(path)),
    });
  }

  rename(path: string): Promise<boolean> {
    return this.#askTarget(`Rename ${nameOf(path)}`, "Rename", path, path);
  }

  /** Move into a folder, the root being "". */
  async moveInto(path: string, folder: string): Promise<void> {
    const to = joined(folder, nameOf(path));
    if (to === path) return;
    try {
      this.#warn(await this.#session.files.move(path, to));
    } catch (error) {
      if (!isClash(error)) return showError(`${nameOf(path)} was not moved.`, error);
      await this.#askTarget(`${error.message} Move it under another name?`, "Move", path, to);
    }
  }

  async remove({ path, file, children }: TreeNode): Promise<void> {
    if (children && !(await this.#isSureToRemove(path))) return;
    const wasOpen = isOpen(path);
    this.#removed.add(path);
    try {
      await this.#session.files.remove(path);
    } catch (error) {
      this.#removed.delete(path);
      return showError("It was not deleted.", error);
    }
    const undo = (id: string): void => void this.restore(id, path, wasOpen && !children);
    show({
      kind: "info",
      text: `You deleted ${path}.`,
      isPassing: true,
      ...(file && { action: { label: "Undo", run: () => undo(file.id) } }),
    });
  }

  /** Bring back what was deleted from `path`; where that is taken by now, ask for another place. */
  async restore(id: string, path: string, opensIt = false): Promise<void> {
    const settle = (restored: FileEntry): void => {
      this.#removed.delete(path);
      show({ kind: "info", text: `${restored.path} is back.` });
      if (opensIt) go(projectAddress(this.#projectId, restored.path));
    };
    try {
      settle(await this.#session.files.restore(id));
    } catch (error) {
      if (!isClash(error)) return showError(`${nameOf(path)} did not come back.`, error);
      await askPath(`Bring back ${nameOf(path)}`, {
        text: `${error.message} Choose another place.`,
        label: "Bring back",
        initial: path,
        submit: async (to) => settle(await this.#session.files.restore(id, to)),
      });
    }
  }

  download(path: string): void {
    const link = document.createElement("a");
    link.href = contentAddress(this.#projectId, path);
    link.download = nameOf(path);
    link.click();
  }

  async #askTarget(title: string, label: string, path: string, initial: string): Promise<boolean> {
    return askPath(title, {
      text: "Change the name, or the folders before it. Whoever has it open stays in it.",
      label,
      initial,
      submit: async (to) => {
        if (to !== path) this.#warn(await this.#session.files.move(path, to));
      },
    });
  }

  #isSureToRemove(path: string): Promise<boolean> {
    const count = this.#session.files.list().filter((file) => file.path.startsWith(`${path}/`)).length;
    const content = count === 0 ? "" : ` and all that is in it (${count})`;
    return confirmDanger(`Delete ${nameOf(path)}?`, {
      text: `The folder ${path}${content} goes, also for those who have a file of it open. It can be brought back.`,
      label: "Delete",
    });
  }

  #warn({ path, looksLike }: FileEntry): void {
    if (looksLike) show({ kind: "info", text: `${path} looks the same as ${looksLike}, which is another file.` });
  }
}

function isClash(error: unknown): error is RequestError {
  return error instanceof RequestError && error.body.code === "conflict";
}

function isOpen(path: string): boolean {
  return route.value.view === "project" && route.value.path === path;
}
