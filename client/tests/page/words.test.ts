import { describe, expect, it } from "vitest";
import { contentAddress, parseRoute, projectAddress, signInAddress } from "../../page/address";
import { languageOf } from "../../page/editor/languages";
import { age, byteSize, initials, until } from "../../page/words";
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

describe("a time to come", () => {
  it.each([
    [30, "in a moment"],
    [80, "in 1 minute"],
    [7 * 86_400 - 5, "in 7 days"],
    [8 * 86_400, "next week"],
  ])("of %d seconds is %s", (seconds, expected) => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(until(new Date(now + seconds * 1000).toISOString(), now)).toBe(expected);
  });
});

describe("a size", () => {
  it.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1_000, "1 kB"],
    [1_440_000, "1.4 MB"],
    [5_000_000_000, "5 GB"],
  ])("of %d bytes is %s", (bytes, expected) => {
    expect(byteSize(bytes)).toBe(expected);
  });
});

describe("other addresses", () => {
  it("of an invitation carry its secret, and nothing more", () => {
    expect(parseRoute("/invite/a-b_c")).toEqual({ view: "invite", secret: "a-b_c" });
    expect(parseRoute("/invite/a/b")).toEqual({ view: "unknown" });
    expect(parseRoute("/invite/")).toEqual({ view: "unknown" });
  });

  it("of signing in say where to come back to", () => {
    expect(signInAddress("/p/1/a b.md")).toBe("/signin?next=%2Fp%2F1%2Fa%20b.md");
  });

  it("of contents keep what a path may hold out of the address's own signs", () => {
    expect(contentAddress("1", "a/what?#%.png")).toBe("/files/1/a/what%3F%23%25.png");
  });
});
