import { signal } from "@preact/signals";
import { type Ending, type ErrorBody, ProjectSession } from "../../src/index";
import type { FileEntry, Person, ProjectInfo } from "../../src/wire.gen";
import { projectAddress } from "../address";
import { askPath, confirmDanger, showText } from "../parts/dialogs";
import { show, showError, withdraw } from "../parts/toasts";
import { go } from "../route";
import { OpenFile } from "./open_file";
import { nameOf } from "./tree";

/** What the project page shows and does: the session as signals, and the actions of its buttons. */
export class Workspace {
  readonly projectId: string;
  readonly session: ProjectSession;
  readonly project = signal<ProjectInfo | null>(null);
  readonly user = signal<Person | null>(null);
  readonly files = signal<FileEntry[] | null>(null);
  readonly openFile = signal<OpenFile | null>(null);
  readonly isOffline = signal(false);
  /** Why the project was never shown, else null. */
  readonly refusal = signal<ErrorBody | null>(null);
  readonly #unlistenStatus: () => void;
  #unlistenEnded: () => void = () => undefined;

  constructor(projectId: string) {
    this.projectId = projectId;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.session = new ProjectSession({
      url: `${scheme}://${location.host}/ws`,
      projectId,
      clientName: "flashio-page 0.1",
    });
    const { socket, files } = this.session;
    socket.on("welcome", ({ project, user }) => {
      if (!this.project.value) void socket.request("projects/touch", {}).catch(() => undefined);
      this.project.value = project;
      this.user.value = user;
    });
    socket.events.on("collaborators/regranted", ({ role, canWrite }) => {
      if (this.project.value) this.project.value = { ...this.project.value, role, canWrite };
    });
    this.#unlistenStatus = socket.on("status", (status) => {
      this.isOffline.value = status === "offline" || status === "stopped";
      if (status === "stopped" && socket.whyStopped) this.#stopped(socket.whyStopped);
    });
    socket.on("problem", (error) => show({ kind: "error", text: error.message }));
    files.on("change", () => (this.files.value = files.isLoaded ? files.list() : null));
    addEventListener("beforeunload", this.#keepUnsaved);
  }

  /** Put the file of the address on screen. */
  showPath(path: string | null): void {
    if (path === (this.openFile.value?.path.value ?? null)) return;
    this.#closeFile();
    if (path === null) return;
    const file = new OpenFile(this.session, path);
    this.openFile.value = file;
    this.#unlistenEnded = file.document.on("ended", (ending) => this.#explain(file, ending));
  }

  async create(folder = ""): Promise<void> {
    const path = await askPath("New file", {
      text: "A path may name new folders, as in src/parts/new.py.",
      label: "Create",
      initial: folder && `${folder}/`,
    });
    if (path === null) return;
    await this.#attempt("The file was not made.", async () => {
      const file = await this.session.files.create(path);
      go(projectAddress(this.projectId, file.path));
    });
  }

  async rename(path: string): Promise<void> {
    const to = await askPath(`Rename ${nameOf(path)}`, {
      text: "Change the name, or the folders before it. Whoever has it open stays in it.",
      label: "Rename",
      initial: path,
    });
    if (to === null || to === path) return;
    await this.#attempt("The file was not renamed.", () => this.session.files.move(path, to));
  }

  async remove(path: string, isDirectory: boolean): Promise<void> {
    const isSure = await confirmDanger(`Delete ${nameOf(path)}?`, {
      text: isDirectory
        ? `The folder ${path} and every file in it are deleted for everybody.`
        : `The file ${path} is deleted for everybody, also for those who have it open.`,
      label: "Delete",
    });
    if (!isSure) return;
    await this.#attempt("It was not deleted.", () => this.session.files.remove(path));
  }

  close(): void {
    removeEventListener("beforeunload", this.#keepUnsaved);
    this.#unlistenStatus();
    this.#closeFile();
    this.session.close();
  }

  /** The server wants us no more. What is on screen stays there: it may hold edits that are nowhere else. */
  #stopped(why: ErrorBody): void {
    if (!this.project.value) {
      this.refusal.value = why;
      return;
    }
    withdraw(why.message); // it came as a problem, too, just before the socket closed
    const advice = why.code === "unauthenticated" ? " Sign in again in another tab, then reconnect." : "";
    show({
      kind: "error",
      text: `${why.message}${advice} What is on this page stays here.`,
      action: { label: "Reconnect", run: () => this.session.socket.connect() },
    });
  }

  #closeFile(): void {
    this.#unlistenEnded();
    this.openFile.value?.close();
    this.openFile.value = null;
  }

  async #attempt(failure: string, action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      showError(failure, error);
    }
  }

  /** Tell why a file that was on screen is not, or not as it was; the pane itself tells of one that never was. */
  #explain(file: OpenFile, ending: Ending): void {
    if (file.replica.value === 0) return;
    const name = nameOf(file.path.value);
    const hasCopy = ending.text !== null || ending.recoveryId !== null;
    const isAway = ending.code === "gone" || ending.code === "not_found";
    const isExpected = !hasCopy && (ending.isRestarting || isAway);
    show({
      kind: isExpected ? "info" : "error",
      text: explanation(name, ending, hasCopy),
      ...(hasCopy && { action: { label: "View my text", run: () => void this.#showKept(name, ending) } }),
    });
    if (isAway) go(projectAddress(this.projectId, null), { replace: true });
  }

  async #showKept(name: string, ending: Ending): Promise<void> {
    const advice = `Your copy of ${name} as it was. Copy from it what the shared file lacks.`;
    if (ending.text !== null) return showText(`Your text of ${name}`, advice, ending.text);
    await this.#attempt("The kept text did not load.", async () => {
      if (ending.recoveryId === null) return;
      const { text } = await this.session.socket.request("documents/recovery", { id: ending.recoveryId });
      showText(`Your text of ${name}`, advice, text);
    });
  }

  readonly #keepUnsaved = (event: BeforeUnloadEvent): void => {
    if (this.session.hasUnsaved) event.preventDefault();
  };
}

function explanation(name: string, ending: Ending, hasCopy: boolean): string {
  const sentences = [ending.message.includes(name) ? ending.message : `${name}: ${ending.message}`];
  if (ending.isRestarting) sentences.push("It was opened anew from the server's copy.");
  if (hasCopy && !ending.message.includes("kept")) sentences.push("Your text was kept.");
  return sentences.join(" ");
}
