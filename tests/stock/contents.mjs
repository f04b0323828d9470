// What a Yjs update holds, unit by unit, so that sets of them can be compared: "+client:clock" is text that was
// inserted (or a part of it), "-client:clock" its deletion. Both lines of Yjs write this encoding.
import * as Y from "yjs";

/** The units of an update; units that it leaves out on purpose (Skip) are not among them. */
export function* unitsOf(update) {
  const { structs, ds } = Y.decodeUpdate(update);
  for (const struct of structs) {
    if (!(struct instanceof Y.Skip)) yield* range("+", struct.id.client, struct.id.clock, struct.length);
  }
  for (const [client, deletions] of ds.clients) {
    for (const { clock, len } of deletions) yield* range("-", client, clock, len);
  }
}

function* range(sign, client, clock, length) {
  for (let at = clock; at < clock + length; at++) yield `${sign}${client}:${at}`;
}
