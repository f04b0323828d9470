import { computed, signal } from "@preact/signals";
import { RequestError } from "../../src/index";
import type { DeletedProject, Project } from "../../src/wire.gen";
import { post } from "../api";

export type Which = "mine" | "shared" | "public" | "deleted";

export const WHICH: readonly [which: Which, label: string][] = [
  ["mine", "Mine"],
  ["shared", "Shared"],
  ["public", "Public"],
  ["deleted", "Deleted"],
];

const PAGE = 50;

/** The list of projects on screen: which, narrowed how, and what is there so far. */
export class Shelf {
  readonly which = signal<Which>(chosen());
  readonly search = signal("");
  readonly isArchived = signal(false);
  readonly projects = signal<Project[] | null>(null);
  readonly deleted = signal<DeletedProject[] | null>(null);
  readonly error = signal<RequestError | null>(null);
  /** Where the following page begins; null when all is on screen. */
  readonly next = signal<string | null>(null);
  readonly count = computed(() => (this.which.value === "deleted" ? this.deleted.value : this.projects.value)?.length);
  #asked = 0; // an answer counts only while nothing was asked after it

  /** Show another list, and let the address name it. */
  choose(which: Which): void {
    this.which.value = which;
    const address = which === "mine" ? location.pathname : `${location.pathname}?show=${which}`;
    history.replaceState(null, "", address);
    this.load();
  }

  narrow(by: { search?: string; isArchived?: boolean }): void {
    if (by.search !== undefined) this.search.value = by.search;
    if (by.isArchived !== undefined) this.isArchived.value = by.isArchived;
    this.load();
  }

  /** Read the list from its beginning; what is on screen stays until it is there. */
  load(): void {
    void this.#read(null);
  }

  more(): void {
    if (this.next.value !== null) void this.#read(this.next.value);
  }

  /** Show a project as it is now; it leaves the list when it belongs there no more. */
  put(project: Project): void {
    const isRightKind = (project.archivedAt !== null) === this.isArchived.value;
    const isRightList = this.which.value === "public" || (this.which.value === "mine") === (project.role === "owner");
    if (!isRightKind || !isRightList) return this.take(project.id);
    this.projects.value = this.projects.value?.map((known) => (known.id === project.id ? project : known)) ?? null;
  }

  take(projectId: string): void {
    this.projects.value = this.projects.value?.filter(({ id }) => id !== projectId) ?? null;
    this.deleted.value = this.deleted.value?.filter(({ id }) => id !== projectId) ?? null;
  }

  async #read(after: string | null): Promise<void> {
    const asked = ++this.#asked;
    this.error.value = null;
    try {
      const which = this.which.value;
      if (which === "deleted") {
        const page = await post("projects/deleted", { after, limit: PAGE });
        if (asked !== this.#asked) return;
        this.deleted.value = [...((after && this.deleted.value) || []), ...page.projects];
        this.next.value = page.next;
      } else {
        const search = this.search.value.trim() || null;
        const page = await post("projects/list", {
          which,
          search,
          isArchived: this.isArchived.value,
          after,
          limit: PAGE,
        });
        if (asked !== this.#asked) return;
        this.projects.value = [...((after && this.projects.value) || []), ...page.projects];
        this.next.value = page.next;
      }
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (asked === this.#asked) this.error.value = error;
    }
  }
}

function chosen(): Which {
  const asked = new URLSearchParams(location.search).get("show");
  return WHICH.find(([which]) => which === asked)?.[0] ?? "mine";
}
