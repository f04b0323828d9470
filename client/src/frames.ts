import { decode, encode } from "@msgpack/msgpack";
import type { EndedBody, ErrorBody } from "./errors";
import { type Hello, MessageType as T, type Welcome } from "./wire.gen";

export type ClientMessage =
  | [typeof T.HELLO, Hello]
  | [typeof T.REQUEST, id: number, name: string, body: object, commandId: string | null]
  | [typeof T.PING, n: number]
  | [typeof T.EDIT, channel: number, n: number, update: Uint8Array]
  | [typeof T.AWARENESS, channel: number, update: Uint8Array]
  | [typeof T.SYNC, channel: number, stateVector: Uint8Array];

/** The messages of one open document; the second element is its channel. */
export type ChannelMessage =
  | [typeof T.EDIT, channel: number, update: Uint8Array]
  | [typeof T.SAVED, channel: number, n: number, seq: number]
  | [typeof T.AWARENESS, channel: number, update: Uint8Array]
  | [typeof T.SYNC, channel: number, more: boolean, part: Uint8Array]
  | [typeof T.ASK, channel: number, stateVector: Uint8Array]
  | [typeof T.STORAGE, channel: number, reachable: boolean]
  | [typeof T.ENDED, channel: number, why: EndedBody];

export type ServerMessage =
  | ChannelMessage
  | [typeof T.HELLO, Welcome]
  | [typeof T.REPLY, id: number, body: unknown]
  | [typeof T.ERROR, id: number | null, error: ErrorBody]
  | [typeof T.EVENT, name: string, body: unknown, seq: number | null]
  | [typeof T.PONG, n: number];

const SHAPES: Record<number, readonly string[]> = {
  [T.HELLO]: ["map"],
  [T.REPLY]: ["number", "map"],
  [T.ERROR]: ["number?", "map"],
  [T.EVENT]: ["string", "map", "number?"],
  [T.PONG]: ["number"],
  [T.EDIT]: ["number", "bytes"],
  [T.SAVED]: ["number", "number", "number"],
  [T.AWARENESS]: ["number", "bytes"],
  [T.SYNC]: ["number", "boolean", "bytes"],
  [T.ASK]: ["number", "bytes"],
  [T.STORAGE]: ["number", "boolean"],
  [T.ENDED]: ["number", "map"],
};

export function encodeMessage(message: ClientMessage): Uint8Array<ArrayBuffer> {
  return encode(message, { ignoreUndefined: true });
}

/**
 * Decode one frame of the server; null for a type that this client does not know, which it ignores.
 *
 * Byte fields are views into `data`. Throws RangeError or TypeError when the frame has not the shape of its type.
 */
export function decodeMessage(data: ArrayBuffer): ServerMessage | null {
  const fields = decode(new Uint8Array(data));
  if (!Array.isArray(fields) || typeof fields[0] !== "number") throw new TypeError("not a frame");
  const shape = SHAPES[fields[0]];
  if (!shape) return null;
  if (!shape.every((kind, at) => isKind(kind, fields[at + 1]))) throw new TypeError(`bad frame of type ${fields[0]}`);
  return fields as unknown as ServerMessage;
}

export function isChannelMessage(message: ServerMessage): message is ChannelMessage {
  return message[0] >= T.EDIT;
}

function isKind(kind: string, value: unknown): boolean {
  if (kind.endsWith("?")) return value === null || isKind(kind.slice(0, -1), value);
  if (kind === "bytes") return value instanceof Uint8Array;
  if (kind === "map") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === kind;
}
