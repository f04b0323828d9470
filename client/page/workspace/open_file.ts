import { computed, signal } from "@preact/signals";
import type { Ending, ProjectSession, SharedDocument } from "../../src/index";
import type { Person } from "../../src/wire.gen";
import { type Light, lightOf } from "./light";
import { isNoted } from "./losses";

/** Somebody whose cursor is in the open file. */
export interface Visitor extends Pick<Person, "id" | "name" | "color"> {
  /** Their awareness client, to find the cursor. */
  clientId: number;
}

const MAX_LOSSES = 3; // above the text; older ones are recovery copies on the server
const GREEN_AFTER_MS = 250; // a light that flickers at every key tells nothing; late to green is never a lie

/** The file on screen: its document and what the page shows of it, as signals. */
export class OpenFile {
  readonly document: SharedDocument;
  readonly path = signal("");
  readonly isReadOnly = signal(false);
  /** Grows with every new replica; 0 while the text is not there. */
  readonly replica = signal(0);
  readonly visitors = signal<Visitor[]>([]);
  /** The newest ending of a replica. */
  readonly ending = signal<Ending | null>(null);
  /** Endings that cost words, while the file stayed on screen; each until the person dismisses it. */
  readonly losses = signal<Ending[]>([]);
  readonly #light = signal<Light>(lightOf("connecting", null, false));
  readonly light = computed(() => this.#light.value);
  readonly #session: ProjectSession;
  readonly #unlisten: (() => void)[];
  #greenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: ProjectSession, path: string) {
    this.#session = session;
    this.document = session.open({ path });
    this.#unlisten = [
      this.document.on("status", () => this.#refresh()),
      this.document.on("opened", () => this.#refresh()),
      this.document.on("replica", () => this.#adopt()),
      this.document.on("ended", (ending) => {
        this.ending.value = ending;
        if (isNoted(ending)) this.losses.value = [...this.losses.value, ending].slice(-MAX_LOSSES);
        this.#refresh(); // until a new replica is there, what is typed would go nowhere
      }),
    ];
    if (this.document.text) this.#adopt();
    this.#refresh();
  }

  dismiss(loss: Ending): void {
    this.losses.value = this.losses.value.filter((other) => other !== loss);
  }

  close(): void {
    clearTimeout(this.#greenTimer);
    for (const unlisten of this.#unlisten) unlisten();
    this.document.awareness.off("change", this.#countVisitors);
    this.#session.release(this.document);
  }

  #adopt(): void {
    this.document.awareness.on("change", this.#countVisitors);
    this.#countVisitors();
    this.replica.value++;
  }

  readonly #countVisitors = (): void => {
    const { awareness } = this.document;
    const others = [...awareness.getStates()].filter(([id]) => id !== awareness.clientID);
    this.visitors.value = others
      .filter(([, state]) => isPerson(state["user"]))
      .map(([clientId, { user }]) => ({ clientId, id: user.id, name: user.name, color: user.color }));
  };

  #refresh(): void {
    const { status, access, hasUnsaved, path } = this.document;
    this.path.value = path;
    this.isReadOnly.value = access === "read" || status === "ended" || this.document.text === null;
    clearTimeout(this.#greenTimer);
    const light = lightOf(status, access, hasUnsaved);
    const wasSaving = this.#light.value.tone === "busy";
    if (light.tone === "saved" && wasSaving) {
      this.#greenTimer = setTimeout(() => (this.#light.value = light), GREEN_AFTER_MS);
    } else this.#light.value = light;
  }
}

function isPerson(user: unknown): boolean {
  return typeof user === "object" && user !== null && "name" in user && typeof user.name === "string";
}
