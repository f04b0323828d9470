import { readFileSync } from "node:fs";
import { decode, encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { type ClientMessage, decodeMessage, encodeMessage } from "../src/frames";

interface Vector {
  name: string;
  sender: "client" | "server";
  hex: string;
  decoded: unknown;
}

const file = new URL("../../protocol/vectors/messages.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf-8")) as Vector[];

describe.each(vectors)("the golden frame $sender: $name", ({ sender, hex, decoded }) => {
  const fields = withBytes(decoded);

  it("is what its fields encode to", () => {
    const bytes = sender === "client" ? encodeMessage(fields as ClientMessage) : encode(fields);
    expect(Buffer.from(bytes).toString("hex")).toBe(hex);
  });

  it("decodes to its fields", () => {
    const data = bytesOf(hex);
    const read = sender === "client" ? decode(data) : decodeMessage(data);
    expect(read).toEqual(fields);
  });
});

describe("a frame of the server", () => {
  it("of a type that this client does not know is ignored", () => {
    expect(decodeMessage(bytesOf("926301"))).toBeNull();
  });

  it.each([
    ["no array", "05"],
    ["no type", "90"],
    ["a Reply without a body", "920201"],
    ["an Edit with text for bytes", "930a07a178"],
    ["a Saved with a text for its number", "940b07a17801"],
    ["an Error whose body is an array", "9303c090"],
    ["cut short", "930a07c4"],
    ["followed by more bytes", "92060300"],
  ])("that is %s is refused", (_, hex) => {
    expect(() => decodeMessage(bytesOf(hex))).toThrow();
  });
});

function bytesOf(hex: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(hex, "hex")).buffer;
}

function withBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value !== "object" || value === null) return value;
  if ("hex" in value) return new Uint8Array(Buffer.from(value.hex as string, "hex"));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withBytes(item)]));
}
