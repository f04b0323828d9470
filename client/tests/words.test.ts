import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { wordsFrom } from "../src/words";

/** A text that somebody else began, and the updates that local edits make of it from then on. */
function typing(before: string): { doc: Y.Doc; text: Y.Text; updates: Uint8Array[] } {
  const other = new Y.Doc();
  other.getText("t").insert(0, before);
  const doc = new Y.Doc();
  const text = doc.getText("t");
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array, _origin: unknown, _doc: Y.Doc, { local }: Y.Transaction) => {
    if (local) updates.push(update);
  });
  return { doc, text, updates };
}

describe("the words of edits that were not taken", () => {
  it("are what was typed, joined where it stands together and in the order of the text", () => {
    const { doc, text, updates } = typing("one three");
    for (const [at, letter] of [...",four"].entries()) text.insert(9 + at, letter);
    text.insert(4, "two ");
    expect(text.toString()).toBe("one two three,four");
    expect(wordsFrom(doc, text, updates)).toBe("two \n,four");
  });

  it("lack what the same person typed before and took back after", () => {
    const { doc, text, updates } = typing("");
    text.insert(0, "saved ");
    updates.length = 0;
    text.insert(6, "lost words");
    text.delete(6, 5);
    expect(wordsFrom(doc, text, updates)).toBe("words");
  });

  it("are of this person only, whatever the update carries of others", () => {
    const { doc, text } = typing("theirs ");
    text.insert(7, "mine");
    expect(wordsFrom(doc, text, [Y.encodeStateAsUpdate(doc)])).toBe("mine");
  });

  it("are none when the edits only took away", () => {
    const { doc, text, updates } = typing("a long sentence");
    text.delete(0, 7);
    expect(wordsFrom(doc, text, updates)).toBeNull();
    expect(wordsFrom(doc, text, [])).toBeNull();
  });

  it("keep letters of two units whole", () => {
    const { doc, text, updates } = typing("");
    text.insert(0, "🚀 up");
    expect(wordsFrom(doc, text, updates)).toBe("🚀 up");
  });
});
