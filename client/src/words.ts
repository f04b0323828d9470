import * as Y from "yjs";

/**
 * What local edits put into a text and is still there: the pieces in the order of the text, each on lines of its own.
 *
 * `updates` are the newest of this replica's client; null when they only took away.
 */
export function wordsFrom(doc: Y.Doc, text: Y.Text, updates: readonly Uint8Array[]): string | null {
  const clocks = updates.flatMap((update) => clocksOf(update, doc.clientID));
  if (clocks.length === 0) return null;
  const since = Math.min(...clocks); // Invariant: clocks have no holes, so that all from the first of them on are meant
  const pieces: string[] = [];
  let isGoingOn = false;
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
    const isOurs = item.id.client === doc.clientID && item.id.clock + item.length > since;
    if (isOurs) {
      const piece = item.content.str.slice(Math.max(0, since - item.id.clock));
      pieces.push(isGoingOn && piece.length === item.length ? pieces.pop()! + piece : piece);
    }
    isGoingOn = isOurs;
  }
  return pieces.join("\n") || null;
}

function clocksOf(update: Uint8Array, clientId: number): number[] {
  return Y.decodeUpdate(update)
    .structs.filter(({ id }) => id.client === clientId)
    .map(({ id }) => id.clock);
}
