import type { Channel } from "./channel";
import type { EndedBody } from "./errors";
import type { SocketStatus } from "./socket";

/**
 * `saved`: every local edit is committed. `saving`: on the way. `unsaved`: the server's storage is not reachable.
 * `offline`: no connection; edits are kept here. `ended`: over, see the `ended` event.
 */
export type DocumentStatus = "connecting" | "syncing" | "saved" | "saving" | "unsaved" | "offline" | "ended";

/** A replica was given up. */
export interface Ending extends EndedBody {
  /** The text of the replica, when it had edits that were not saved. */
  text: string | null;
  /** What of it the server did not take, as far as it was typed here; null when that is nothing, or only deletions. */
  words: string | null;
  /** Whether the document is opened anew from the server's copy. */
  isRestarting: boolean;
}

/** The status of a document that has not ended; `channel` is null while it is not open on the present connection. */
export function statusOf(socket: SocketStatus, channel: Channel | null, hasUnsaved: boolean): DocumentStatus {
  if (socket === "connecting") return "connecting";
  if (socket !== "online") return "offline";
  if (!channel?.isReady) return "syncing";
  if (!channel.isStorageReachable) return "unsaved";
  return hasUnsaved ? "saving" : "saved";
}
