import { computed, signal } from "@preact/signals";
import type { DetailedError, Upload as TusUpload } from "tus-js-client";
import type { FileEntry } from "../../src/wire.gen";

/** `clash`: something is at the path, and the person has to choose. `stopped`: broken off, and can go on. */
export type UploadState = "clash" | "waiting" | "sending" | "paused" | "stopped" | "failed" | "done";

export interface UploadPlace {
  projectId: string;
  path: string;
  /** What is at the path now. */
  there: FileEntry | undefined;
}

const RETRY_DELAYS_MS = [0, 1_000, 3_000, 5_000, 10_000]; // counted anew after each piece that arrives
const PIECE_BYTES = 8 * 1024 * 1024; // one request: proxies limit bodies, and what a broken one carried is sent again
const CONFLICT_RETRIES = 2;
const MUST_BE_NEW = ""; // `ifMatch`: no file may be there

/** One file on its way into the project; what the server has of it stays there when the way breaks off. */
export class Upload {
  readonly file: File;
  readonly state = signal<UploadState>("waiting");
  readonly sentBytes = signal(0);
  /** What went wrong, else null. */
  readonly problem = signal<string | null>(null);
  /** Whether what is at the path can be replaced; a folder cannot. */
  canReplace = true;
  readonly isOver = computed(() => this.state.value === "done");
  readonly #projectId: string;
  readonly #onEnd: () => void;
  #path: string;
  #replaces = false;
  #running: TusUpload | null = null;

  /** `onEnd` is called whenever it no longer sends. */
  constructor(file: File, place: UploadPlace, onEnd: () => void) {
    this.file = file;
    this.#projectId = place.projectId;
    this.#path = place.path;
    this.#onEnd = onEnd;
    if (place.there) this.#clash(place.there.isDirectory);
  }

  get path(): string {
    return this.#path;
  }

  async start(): Promise<void> {
    this.state.value = "sending";
    this.problem.value = null;
    try {
      const tus = await import("tus-js-client"); // apart from the page's code: most visits upload nothing
      if (this.state.value !== "sending") return; // broken off meanwhile
      const running = (this.#running ??= await this.#begun(new tus.Upload(this.file, this.#options())));
      if (this.state.value === "sending") running.start();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Break off; `start` goes on from there. */
  async pause(): Promise<void> {
    if (this.state.value !== "sending" && this.state.value !== "waiting") return;
    this.state.value = "paused";
    await this.#running?.abort();
    this.#onEnd();
  }

  /** Give it up; the server forgets what it has of it. */
  async cancel(): Promise<void> {
    const running = this.#running;
    this.state.value = "paused";
    this.#onEnd();
    await running?.abort(true).catch(() => undefined); // else it expires there
  }

  /** The person chose: take the place of what is there. */
  replace(): void {
    this.#replaces = true;
    this.#waitAnew();
  }

  /** The person chose: go beside what is there, to a path that is free. */
  moveTo(path: string): void {
    this.#path = path;
    this.#waitAnew();
  }

  #waitAnew(): void {
    this.#running = null;
    this.problem.value = null;
    this.state.value = "waiting";
  }

  /** With what an earlier visit sent of the same file to the same place. */
  async #begun(upload: TusUpload): Promise<TusUpload> {
    const [earlier] = await upload.findPreviousUploads();
    if (earlier) upload.resumeFromPreviousUpload(earlier);
    return upload;
  }

  #options(): ConstructorParameters<typeof TusUpload>[1] {
    const { size, lastModified } = this.file;
    const ifMatch = this.#replaces ? {} : { ifMatch: MUST_BE_NEW };
    const mark = ["flashio", this.#projectId, this.#path, size, lastModified, this.#replaces].join("\n");
    return {
      endpoint: `/uploads/${this.#projectId}`,
      chunkSize: PIECE_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      metadata: { path: this.#path, ...ifMatch },
      fingerprint: () => Promise.resolve(mark),
      removeFingerprintOnSuccess: true,
      onShouldRetry: mayRetry,
      onProgress: (sent) => (this.sentBytes.value = sent),
      onSuccess: () => {
        this.state.value = "done";
        this.#onEnd();
      },
      onError: (error) => this.#fail(error),
    };
  }

  #fail(error: Error | DetailedError): void {
    if (this.state.value !== "sending") return;
    const status = statusOf(error);
    if (status === 412) this.#clash(false);
    else {
      this.state.value = status >= 400 && status < 500 ? "failed" : "stopped";
      this.problem.value = messageOf(error);
    }
    this.#onEnd();
  }

  #clash(isDirectory: boolean): void {
    this.canReplace = !isDirectory;
    this.state.value = "clash";
    this.problem.value = isDirectory ? "A folder has this name." : "A file is there already.";
  }
}

/** After trouble on the way, and when the server asks to come again; a conflict may be an answer that got lost. */
function mayRetry(error: Error | DetailedError, attempt: number): boolean {
  const status = statusOf(error);
  if (status === 409) return attempt < CONFLICT_RETRIES;
  return navigator.onLine && (status < 400 || status >= 500 || status === 429);
}

/** 0 when no answer came. */
function statusOf(error: Error | DetailedError): number {
  return "originalResponse" in error ? (error.originalResponse?.getStatus() ?? 0) : 0;
}

/** What the server said, else that it could not be reached. */
function messageOf(error: Error | DetailedError): string {
  const body = "originalResponse" in error ? error.originalResponse?.getBody() : undefined;
  try {
    const { detail } = JSON.parse(body ?? "") as { detail?: unknown };
    if (typeof detail === "string") return detail;
  } catch {
    return "The connection broke off.";
  }
  return "The server refused it.";
}
