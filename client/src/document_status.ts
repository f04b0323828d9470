import type { EndedBody } from "./errors";

/**
 * `saved`: every local edit is committed. `saving`: on the way. `unsaved`: the server's storage is not reachable.
 * `offline`: no connection; edits are kept here. `ended`: over, see the `ended` event.
 */
export type DocumentStatus = "connecting" | "syncing" | "saved" | "saving" | "unsaved" | "offline" | "ended";

/** A replica was given up. */
export interface Ending extends EndedBody {
  /** The text of the replica, when it had edits that were not saved. */
  text: string | null;
  /** Whether the document is opened anew from the server's copy. */
  isRestarting: boolean;
}
