import { describe, expect, it } from "vitest";
import { parseRoute, projectAddress } from "../../page/address";
import { languageOf } from "../../page/editor/languages";
import { age, initials } from "../../page/words";
import { lightOf } from "../../page/workspace/light";
import type { DocumentStatus } from "../../src/document_status";

describe("the status light", () => {
  const all: DocumentStatus[] = ["connecting", "syncing", "saved", "saving", "unsaved", "offline", "ended"];

  it("is green for `saved` with the right to write, and for nothing else", () => {
    const green = all.filter((status) => lightOf(status, "write", true).tone === "saved");
    expect(green).toEqual(["saved"]);
    expect(lightOf("saved", "read", false).word).toBe("Read only");
  });

  it("says of unsaved edits offline that the page must stay open", () => {
    expect(lightOf("offline", "write", true).meaning).toContain("keep the page open");
    expect(lightOf("offline", "write", false).meaning).not.toContain("keep the page open");
  });
});

describe("an address", () => {
  it.each(["src/main.py", "a b/c#d?.txt", "100%.md", "日本/😀.rs"])("of the file %s leads to it", (path) => {
    const address = projectAddress("p1", path);
    expect(new URL(address, "http://host").pathname).toBe(address);
    expect(parseRoute(address)).toEqual({ view: "project", projectId: "p1", path });
  });

  it("without a file is the project's, and others are known as unknown", () => {
    expect(parseRoute("/p/p1")).toEqual({ view: "project", projectId: "p1", path: null });
    expect(parseRoute("/p/p1/")).toEqual({ view: "project", projectId: "p1", path: null });
    expect(parseRoute("/")).toEqual({ view: "projects" });
    expect(parseRoute("/p/")).toEqual({ view: "unknown" });
    expect(parseRoute("/other")).toEqual({ view: "unknown" });
    expect(parseRoute("/p/p1/%E0%A4%A")).toEqual({ view: "unknown" });
  });
});

describe("words", () => {
  it("give an age in the largest unit that fits", () => {
    const now = Date.parse("2026-01-31T12:00:00Z");
    expect(age("2026-01-31T11:59:30Z", now)).toBe("just now");
    expect(age("2026-01-31T09:30:00Z", now)).toBe("2 hours ago");
    expect(age("2026-01-30T11:00:00Z", now)).toBe("yesterday");
  });

  it("make initials of whole characters", () => {
    expect(["Ada Lovelace", "grace", "😀 Brewster Hopper", "  "].map(initials)).toEqual(["AL", "G", "😀H", "?"]);
  });

  it("tell the language by the ending, in any case", () => {
    expect(["a.py", "B.TSX", "dir.rs/file", "Makefile", "x.d.ts"].map((path) => languageOf(path)?.label)).toEqual([
      "Python",
      "TypeScript",
      undefined,
      undefined,
      "TypeScript",
    ]);
  });
});
