import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { ProjectSession } from "../src/session";
import { type FileEntry, MessageType as T } from "../src/wire.gen";
import { CHANNEL, FakeServer, type Frame, type Peer } from "./fake_server";
import { fast, once } from "./settings";

let server: FakeServer;
let session: ProjectSession;

beforeEach(async () => {
  server = await FakeServer.start();
  session = new ProjectSession(fast(server.url));
});

afterEach(async () => {
  session.close();
  await server.stop();
});

function file(id: string, path: string): FileEntry {
  return {
    id,
    path,
    isDirectory: false,
    language: null,
    mimeType: null,
    size: 0,
    lineCount: 0,
    checksum: null,
    isBinary: false,
    isSymlink: false,
    symlinkTarget: null,
    isExecutable: false,
    isHidden: false,
    permissions: null,
    updatedAt: "",
    looksLike: null,
  };
}

const paths = (): string[] => session.files.list().map(({ path }) => path);

describe("the file list", () => {
  it("is fetched page by page, in path order", async () => {
    const pages: Record<string, [FileEntry[], string | null]> = {
      start: [[file("2", "b"), file("1", "a")], "b"],
      b: [[file("3", "c")], null],
    };
    server.conduct = (peer, frame) => {
      if (frame[2] !== "files/list") return false;
      const [files, next] = pages[frame[3].after ?? "start"]!;
      peer.send(T.REPLY, frame[1], { files, next });
      return true;
    };
    await once(session.files, "change");
    expect(session.files.isLoaded).toBe(true);
    expect(paths()).toEqual(["a", "b", "c"]);
  });

  it("follows creations, moves and deletions", async () => {
    await once(session.files, "change");
    const peer = server.peers[0]!;
    peer.send(T.EVENT, "files/created", { file: file("1", "a") }, 1);
    peer.send(T.EVENT, "files/created", { file: file("2", "b") }, 2);
    peer.send(T.EVENT, "files/moved", { moved: [{ id: "1", path: "a", to: "z" }] }, 3);
    peer.send(T.EVENT, "files/deleted", { deleted: [{ id: "2", path: "b" }] }, 4);
    await once(session.socket.events, "files/deleted");
    expect(paths()).toEqual(["z"]);
  });

  it("shows what a file has become, and fetches what a copy or a restoration brought", async () => {
    await once(session.files, "change");
    const peer = server.peers[0]!;
    peer.send(T.EVENT, "files/created", { file: file("1", "a") }, 1);
    peer.send(T.EVENT, "files/changed", { file: { ...file("1", "a"), size: 7 } }, 2);
    await once(session.socket.events, "files/changed");
    expect(session.files.find("a")?.size).toBe(7);
    for (const [seq, event] of (["files/copied", "files/restored"] as const).entries()) {
      const brought = [file("1", "a"), file("2", event)];
      server.conduct = (asked, frame) => {
        if (frame[2] !== "files/list") return false;
        asked.send(T.REPLY, frame[1], { files: brought, next: null });
        return true;
      };
      peer.send(T.EVENT, event, { [event.slice("files/".length)]: [] }, seq + 3);
      await once(session.files, "change");
      expect(paths()).toEqual(["a", event]);
    }
  });

  it("is fetched anew when rights on files change, or others came into sight or left it", async () => {
    await once(session.files, "change");
    const peer = server.peers[0]!;
    const told: [string, object, number | null][] = [
      ["files/rights_changed", {}, null],
      ["files/moved", { moved: [], isPartial: true }, 1],
    ];
    for (const [event, body, seq] of told) {
      server.conduct = (asked, frame) => {
        if (frame[2] !== "files/list") return false;
        asked.send(T.REPLY, frame[1], { files: [file("1", event)], next: null });
        return true;
      };
      peer.send(T.EVENT, event, body, seq);
      await once(session.files, "change", () => paths()[0] === event);
    }
  });

  it("does not lose an event that comes while an older list is on its way", async () => {
    server.conduct = (peer, frame) => {
      if (frame[2] !== "files/list") return false;
      peer.send(T.EVENT, "files/deleted", { deleted: [{ id: "1", path: "a" }] }, 1);
      peer.send(T.REPLY, frame[1], { files: [file("1", "a"), file("2", "b")], next: null });
      return true;
    };
    await once(session.files, "change", () => session.files.isLoaded);
    expect(paths()).toEqual(["b"]);
  });
});

describe("a released document", () => {
  it("is closed only when its last edit is saved", async () => {
    const document = session.open({ path: "main.py" });
    await once(document, "status", (status) => status === "saved");
    const held: [Peer, Frame][] = [];
    server.conduct = (peer, frame) => frame[0] === T.EDIT && held.push([peer, frame]) > 0;
    document.text!.insert(0, "last words");
    session.release(document);
    const peer = server.peers[0]!;
    await peer.until(() => held.length === 1);
    expect(peer.requests("documents/close")).toHaveLength(0);
    expect(session.hasUnsaved).toBe(true);
    server.answer(...held[0]!);
    await peer.until(() => peer.requests("documents/close").length === 1);
    expect(server.text).toBe("last words");
    expect(session.hasUnsaved).toBe(false);
  });

  it("that is opened again before it closed is the same one and stays", async () => {
    const document = session.open({ path: "main.py" });
    await once(document, "status", (status) => status === "saved");
    const held: [Peer, Frame][] = [];
    server.conduct = (peer, frame) => frame[0] === T.EDIT && held.push([peer, frame]) > 0;
    document.text!.insert(0, "x");
    session.release(document);
    expect(session.open({ path: "main.py" })).toBe(document);
    await server.peers[0]!.until(() => held.length === 1);
    server.answer(...held[0]!);
    await document.whenSaved();
    const before = Y.encodeStateVector(server.doc);
    server.doc.getText("codemirror").insert(1, "y");
    server.peers[0]!.send(T.EDIT, CHANNEL, Y.encodeStateAsUpdate(server.doc, before));
    await new Promise<void>((seen) => document.text!.observe(() => seen()));
    expect(document.text!.toString()).toBe("xy");
    expect(server.peers[0]!.requests("documents/close")).toHaveLength(0);
  });
});
