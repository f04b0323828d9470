import { describe, expect, it } from "vitest";
import { freePath } from "../../page/workspace/uploads";

describe("a path beside one that is taken", () => {
  it.each([
    ["photo.png", [], "photo (2).png"],
    ["photo.png", ["photo (2).png"], "photo (3).png"],
    ["docs/archive.tar.gz", [], "docs/archive.tar (2).gz"],
    ["src/.env", [], "src/.env (2)"],
    ["a.b/Makefile", [], "a.b/Makefile (2)"],
  ])("of %s, with %s taken too, is %s", (path, taken: string[], expected) => {
    expect(freePath(path, (other) => taken.includes(other))).toBe(expected);
  });
});
