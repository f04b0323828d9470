import { signal } from "@preact/signals";
import { type Ending, type ErrorBody, ProjectSession } from "../../src/index";
import type { FileEntry, Person, ProjectInfo } from "../../src/wire.gen";
import { projectAddress } from "../address";
import { Roster } from "../people/roster";
import { roleMeaning } from "../people/roles";
import { show, withdraw } from "../parts/toasts";
import { go } from "../route";
import { endsTheProject, type Farewell, farewellOf } from "./farewell";
import { FileActions } from "./file_actions";
import { isAway, isNoted, keptCopy, lossText, viewKept } from "./losses";
import { OpenFile } from "./open_file";
import { Uploads } from "./uploads";

type Ability = ProjectInfo["abilities"][number];

/** What the project page shows: the session as signals, and what its parts do. */
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
  /** Why a project that was shown is shown no more, and what of the person's work would be lost with it; else null. */
  readonly farewell = signal<Farewell | null>(null);
  readonly actions: FileActions;
  readonly uploads: Uploads;
  readonly roster: Roster;
  readonly #unlisten: (() => void)[];
  #unlistenEnded: () => void = () => undefined;
  #frame = 0;

  constructor(projectId: string) {
    this.projectId = projectId;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.session = new ProjectSession({
      url: `${scheme}://${location.host}/ws`,
      projectId,
      clientName: "flashio-page 0.1",
    });
    this.actions = new FileActions(projectId, this.session);
    this.uploads = new Uploads(projectId, (path) => this.session.files.find(path));
    this.roster = new Roster(this.session.socket, () => this.may("invite"));
    this.#unlisten = this.#listen();
    addEventListener("beforeunload", this.#keepUnsaved);
  }

  /** Whether the person may do something here, as far as the server said; it decides again each time. */
  may(ability: Ability): boolean {
    return this.project.value?.abilities.includes(ability) ?? false;
  }

  /** The entry of the address's file; null while the list is not there, and for paths that are no file's now. */
  entryOf(path: string): FileEntry | null {
    return this.files.value?.find((file) => file.path === path) ?? null;
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

  close(): void {
    removeEventListener("beforeunload", this.#keepUnsaved);
    for (const unlisten of this.#unlisten) unlisten();
    cancelAnimationFrame(this.#frame);
    this.uploads.close();
    this.roster.close();
    this.#closeFile();
    this.session.close();
  }

  #listen(): (() => void)[] {
    const { socket, files } = this.session;
    return [
      socket.on("welcome", ({ project, user }) => {
        if (!this.project.value) void socket.request("projects/touch", {}).catch(() => undefined);
        this.project.value = project;
        this.user.value = user;
        this.farewell.value = null;
      }),
      socket.events.on("collaborators/regranted", ({ role, abilities, canWrite }) => {
        if (!this.project.value) return;
        const what = role === this.project.value.role ? "What you may do here" : "Your role here";
        this.project.value = { ...this.project.value, role, abilities, canWrite };
        show({ kind: "info", text: `${what} has changed. ${roleMeaning(role, canWrite)}` });
      }),
      socket.events.on("projects/changed", ({ projectName }) => {
        if (this.project.value) this.project.value = { ...this.project.value, name: projectName };
      }),
      socket.on("status", (status) => {
        this.isOffline.value = status === "offline" || status === "stopped";
        if (status === "stopped" && socket.whyStopped) this.#stopped(socket.whyStopped);
      }),
      socket.on("problem", (error) => show({ kind: "error", text: error.message })),
      socket.events.on("files/moved", ({ moved }) => {
        const to = moved.find(({ path }) => path === this.#cardPath)?.to;
        if (to !== undefined) go(projectAddress(this.projectId, to), { replace: true });
      }),
      socket.events.on("files/deleted", ({ deleted }) => {
        const path = deleted.find((file) => file.path === this.#cardPath)?.path;
        if (path !== undefined) this.#cardDeleted(path);
      }),
      files.on("change", () => this.#listFiles()),
    ];
  }

  /** Once per frame: an upload of a folder is thousands of events, and sorting the list for each would take seconds. */
  #listFiles(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      const { files } = this.session;
      this.files.value = files.isLoaded ? files.list() : null;
    });
  }

  /** The server wants us no more. What is not saved is shown, or stays on screen: it is nowhere else. */
  #stopped(why: ErrorBody): void {
    withdraw(why.message); // it came as a problem, too, just before the socket closed
    if (!this.project.value) {
      this.refusal.value = why;
    } else if (endsTheProject(why)) {
      this.uploads.pauseAll();
      this.farewell.value = farewellOf(why, this.session);
    } else {
      show({
        kind: "error",
        text: `${why.message} What is on this page stays here.`,
        action: { label: "Reconnect", run: () => this.session.socket.connect() },
      });
    }
  }

  /** The path on screen when no document follows it: of a file of bytes, or of one that is not open yet, or cannot be. */
  get #cardPath(): string | null {
    const file = this.openFile.value;
    return file?.replica.value === 0 ? file.path.value : null;
  }

  #cardDeleted(path: string): void {
    go(projectAddress(this.projectId, null), { replace: true });
    if (!this.actions.hasRemoved(path)) show({ kind: "info", text: `${path} was deleted.` });
  }

  #closeFile(): void {
    this.#unlistenEnded();
    this.openFile.value?.close();
    this.openFile.value = null;
  }

  /** Tell why a file that was on screen is not, or not as it was; the pane itself tells of one that never was. */
  #explain(file: OpenFile, ending: Ending): void {
    if (file.replica.value === 0) return;
    const path = file.path.value;
    if (isAway(ending)) go(projectAddress(this.projectId, null), { replace: true });
    if (isNoted(ending) || (isAway(ending) && this.actions.hasRemoved(path))) return;
    const kept = keptCopy(path, ending);
    const isExpected = !kept && (ending.isRestarting || isAway(ending));
    show({
      kind: isExpected ? "info" : "error",
      text: lossText(path, ending),
      ...(kept && { action: { label: "View my text", run: () => void viewKept(kept, this.session) } }),
    });
  }

  readonly #keepUnsaved = (event: BeforeUnloadEvent): void => {
    if (this.session.hasUnsaved || this.uploads.isBusy) event.preventDefault();
  };
}
