import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

export interface RemoteCursor {
  anchor: number;
  head: number;
  name: string;
  color: string;
}

/** Where somebody's cursor is in the text now; null when they have none here. */
export function cursorOf(awareness: Awareness, text: Y.Text, clientId: number): RemoteCursor | null {
  const state = awareness.getStates().get(clientId);
  const anchor = indexOf(state?.["cursor"]?.anchor, text);
  const head = indexOf(state?.["cursor"]?.head, text);
  if (anchor === null || head === null) return null;
  const { name = "Somebody", color = "#6b7280" } = state?.["user"] ?? {};
  return { anchor, head, name: String(name), color: String(color) };
}

function indexOf(position: unknown, text: Y.Text): number | null {
  if (typeof position !== "object" || position === null || !text.doc) return null;
  const relative = Y.createRelativePositionFromJSON(position);
  const absolute = Y.createAbsolutePositionFromRelativePosition(relative, text.doc);
  return absolute?.type === text ? absolute.index : null;
}
