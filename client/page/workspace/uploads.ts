import { signal } from "@preact/signals";
import type { FileEntry } from "../../src/wire.gen";
import type { ChosenFile } from "./chosen_files";
import { joined } from "./tree";
import { Upload } from "./upload";

const AT_ONCE = 2; // more share the same line and end later each

/** The files on their way into the project, in the order they were chosen. */
export class Uploads {
  readonly all = signal<readonly Upload[]>([]);
  readonly #projectId: string;
  readonly #find: (path: string) => FileEntry | undefined;
  readonly #goOn = (): void => {
    for (const upload of this.all.value) if (upload.state.value === "stopped") upload.state.value = "waiting";
    this.#next();
  };

  /** `find` tells what is at a path now. */
  constructor(projectId: string, find: (path: string) => FileEntry | undefined) {
    this.#projectId = projectId;
    this.#find = find;
    addEventListener("online", this.#goOn);
  }

  /** Whether leaving the page would break something off. */
  get isBusy(): boolean {
    return this.all.value.some(({ state }) => state.value === "sending" || state.value === "waiting");
  }

  add(files: ChosenFile[], folder: string): void {
    const made = files.map(({ file, path }) => {
      const target = joined(folder, path);
      const place = { projectId: this.#projectId, path: target, there: this.#find(target) };
      return new Upload(file, place, () => this.#next());
    });
    this.all.value = [...this.all.value.filter((upload) => !upload.isOver.value), ...made];
    this.#next();
  }

  replace(upload: Upload): void {
    upload.replace();
    this.#next();
  }

  /** Upload beside what has the name already. */
  keepBoth(upload: Upload): void {
    const taken = new Set(this.all.value.map(({ path }) => path));
    upload.moveTo(freePath(upload.path, (path) => this.#find(path) !== undefined || taken.has(path)));
    this.#next();
  }

  goOn(upload: Upload): void {
    upload.state.value = "waiting";
    this.#next();
  }

  async drop(upload: Upload): Promise<void> {
    this.all.value = this.all.value.filter((other) => other !== upload);
    if (!upload.isOver.value) await upload.cancel();
  }

  /** Break everything off; what was sent is found again. */
  pauseAll(): void {
    for (const upload of this.all.value) void upload.pause();
  }

  close(): void {
    removeEventListener("online", this.#goOn);
    this.pauseAll();
  }

  #next(): void {
    const all = this.all.value;
    const free = AT_ONCE - all.filter(({ state }) => state.value === "sending").length;
    for (const upload of all.filter(({ state }) => state.value === "waiting").slice(0, Math.max(0, free))) {
      void upload.start();
    }
  }
}

/** `name (2).ending` and so on, the first that is not taken. */
export function freePath(path: string, isTaken: (path: string) => boolean): string {
  const [, stem, ending] = /^(.*?[^/])(\.[^./]*)?$/s.exec(path)!;
  for (let number = 2; ; number++) {
    const candidate = `${stem} (${number})${ending ?? ""}`;
    if (!isTaken(candidate)) return candidate;
  }
}
