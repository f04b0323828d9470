import { computed, signal } from "@preact/signals";
import { RequestError } from "../../src/index";
import type { ImportProgress } from "../../src/wire.gen";
import { post } from "../api";

export type ImportPhase = "choosing" | "sending" | "unpacking" | "done" | "refused";

export interface ImportOptions {
  name: string;
  takesEverything: boolean;
  keepsCaseClashes: boolean;
}

const ASK_AGAIN_MS = 500;
const PATIENT_TRIES = 20; // ten seconds without an answer; the import itself goes on

/** One archive on its way to become a project: sent, then unpacked by the server, which is asked how far it is. */
export class ArchiveImport {
  readonly phase = signal<ImportPhase>("choosing");
  /** Why nothing came of it. */
  readonly reason = signal("");
  readonly progress = signal<ImportProgress | null>(null);
  readonly sentFraction = signal(0);
  readonly isBusy = computed(() => this.phase.value === "sending" || this.phase.value === "unpacking");
  #request: XMLHttpRequest | null = null;
  #id: string | null = null;
  #isLeft = false;

  /** The new project's id; null when nothing came of it. */
  async start(file: File, options: ImportOptions): Promise<string | null> {
    this.phase.value = "sending";
    this.reason.value = "";
    this.sentFraction.value = 0;
    this.progress.value = null;
    try {
      this.#id = await this.#send(file, options);
      this.phase.value = "unpacking";
      return this.#ended(await this.#outcome(this.#id));
    } catch (error) {
      return this.#refused(error instanceof Error ? error.message : String(error));
    }
  }

  /** The person went back: nothing is to come of it. */
  leave(): void {
    this.#isLeft = true;
    this.#request?.abort();
    if (this.phase.value === "unpacking" && this.#id)
      void post("archives/cancel", { id: this.#id }).catch(() => undefined);
  }

  #send(file: File, { name, takesEverything, keepsCaseClashes }: ImportOptions): Promise<string> {
    const request = new XMLHttpRequest(); // fetch tells nothing of what was sent so far
    this.#request = request;
    const query = new URLSearchParams({
      name,
      everything: String(takesEverything),
      keepCaseClashes: String(keepsCaseClashes),
    });
    return new Promise((resolve, reject) => {
      request.upload.onprogress = ({ loaded, total }) => (this.sentFraction.value = total ? loaded / total : 0);
      request.onload = () => {
        const body: unknown = parsed(request.responseText);
        if (request.status === 202) resolve((body as { id: string }).id);
        else reject(new Error((body as { detail?: string } | null)?.detail ?? "The server did not take it."));
      };
      request.onerror = () => reject(new Error("The connection broke. Try again."));
      request.onabort = () => reject(new Error("It was broken off."));
      request.open("POST", `/archives?${query}`);
      request.setRequestHeader("idempotency-key", crypto.randomUUID());
      request.send(file);
    });
  }

  async #outcome(id: string): Promise<ImportProgress> {
    for (let failures = 0; ;) {
      try {
        const progress = await post("archives/progress", { id });
        this.progress.value = progress;
        if (this.#isLeft || (progress.state !== "unpacking" && progress.state !== "placing")) return progress;
        failures = 0;
      } catch (error) {
        if (!(error instanceof RequestError) || !error.body.retry || ++failures > PATIENT_TRIES) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  #ended({ state, projectId, reason }: ImportProgress): string | null {
    if (state !== "done") return this.#refused(reason ?? "Nothing came of it.");
    this.phase.value = "done";
    return projectId;
  }

  #refused(reason: string): null {
    this.phase.value = "refused";
    this.reason.value = reason;
    return null;
  }
}

/** What a person should know of an import that went well; empty when there is nothing to say. */
export function remarks({ skipped, warnings }: ImportProgress): string {
  const left = skipped > 0 ? [`${skipped} ignored ${skipped === 1 ? "entry was" : "entries were"} left out.`] : [];
  return [...left, ...warnings].join(" ");
}

/** What a project made of this file is called, unless somebody says otherwise. */
export function nameOfArchive(fileName: string): string {
  return fileName.replace(/\.(zip|tar|tar\.gz|tgz)$/i, "").slice(0, 255);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
