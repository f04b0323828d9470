import type { ErrorBody, ProjectSession } from "../../src/index";

/** Unsaved work of one file. */
export interface UnsavedWork {
  path: string;
  /** What was typed and is not saved; null when it only took away. */
  words: string | null;
  /** The whole file as it is here. */
  text: string;
}

/** The end of a project that was on screen. */
export interface Farewell {
  why: ErrorBody;
  unsaved: UnsavedWork[];
}

const ENDING_CODES = new Set(["unauthenticated", "forbidden", "not_found", "gone"]);

/** Whether the server closed the socket because the person may be here no more, rather than for what the page sent. */
export function endsTheProject(why: ErrorBody): boolean {
  return ENDING_CODES.has(why.code);
}

export function farewellOf(why: ErrorBody, session: ProjectSession): Farewell {
  const unsaved = session.unsaved.map((document) => ({
    path: document.path,
    words: document.unsavedWords(),
    text: document.text?.toString() ?? "",
  }));
  return { why, unsaved };
}
