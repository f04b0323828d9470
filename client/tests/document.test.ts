import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { type DocumentOptions, SharedDocument } from "../src/document";
import type { DocumentStatus } from "../src/document_status";
import { Socket } from "../src/socket";
import { MessageType as T } from "../src/wire.gen";
import { CHANNEL, errorBody, FakeServer, OPENED, type Frame, type Peer } from "./fake_server";
import { fast, once } from "./settings";

let server: FakeServer;
let socket: Socket;

beforeEach(async () => {
  server = await FakeServer.start();
  socket = new Socket(fast(server.url));
});

afterEach(async () => {
  socket.close();
  await server.stop();
});

async function open(options: DocumentOptions = { path: "main.py" }): Promise<SharedDocument> {
  const document = new SharedDocument(socket, options);
  socket.connect();
  if (!document.text) await once(document, "replica");
  return document;
}

async function openSaved(): Promise<SharedDocument> {
  const document = await open();
  await becomes(document, "saved");
  return document;
}

async function becomes(document: SharedDocument, status: DocumentStatus): Promise<void> {
  if (document.status !== status) await once(document, "status", (now) => now === status);
}

/** Edits are taken and not confirmed until the returned function is called with a peer. */
function holdSaved(): (peer: Peer) => void {
  server.conduct = (_, frame) => {
    if (frame[0] === T.EDIT) Y.applyUpdate(server.doc, frame[3]);
    return frame[0] === T.EDIT;
  };
  return (peer) => peer.send(T.SAVED, CHANNEL, peer.all(T.EDIT).length, 9);
}

function seed(text: string): void {
  server.doc.getText("codemirror").insert(0, text);
}

describe("opening", () => {
  it("joins the parts of the sync and shows the text only when it is whole", async () => {
    seed("hello world, from the server");
    const document = new SharedDocument(socket, { path: "main.py" });
    expect(document.text).toBeNull();
    socket.connect();
    await once(document, "replica");
    expect(document.text!.toString()).toBe("hello world, from the server");
    await becomes(document, "saved");
  });

  it("writes nothing by itself, even to a document with deletions", async () => {
    seed("some text");
    server.doc.getText("codemirror").delete(0, 5);
    const document = await openSaved();
    document.text!.insert(0, "x");
    const peer = await server.peer(0);
    await peer.until(() => peer.all(T.EDIT).length > 0);
    await document.whenSaved();
    expect(peer.all(T.EDIT)).toHaveLength(1);
    expect(server.text).toBe("xtext");
  });

  it("is not complete when the Ask overtakes the sync", async () => {
    seed("the whole text");
    server.conduct = (peer, frame) => {
      if (frame[2] !== "documents/open") return false;
      peer.send(T.REPLY, frame[1], { ...OPENED, path: "main.py" });
      peer.send(T.ASK, CHANNEL, Y.encodeStateVector(server.doc));
      return true;
    };
    const document = new SharedDocument(socket, { path: "main.py" });
    socket.connect();
    await once(document, "opened");
    const peer = server.peers[0]!;
    await peerHasBeenHeard(peer);
    expect(document.status).toBe("syncing");
    expect(document.text).toBeNull();
    peer.send(T.SYNC, CHANNEL, false, Y.encodeStateAsUpdate(server.doc));
    await becomes(document, "saved");
    expect(document.text!.toString()).toBe("the whole text");
  });

  it("follows the server to another path, and asks for that one after a reconnect", async () => {
    server.opened = { path: "src/renamed.py" };
    const document = await openSaved();
    expect(document.path).toBe("src/renamed.py");
    server.peers[0]!.cut();
    await becomes(document, "offline");
    await becomes(document, "saved");
    expect(server.peers[1]!.requests("documents/open")[0]![3].path).toBe("src/renamed.py");
  });

  it("is tried again when the server could not load the document, and is not shown as an empty one", async () => {
    let tries = 0;
    seed("kept");
    server.conduct = (peer, frame) => {
      if (frame[2] !== "documents/open" || tries++ > 1) return false;
      peer.send(T.ERROR, frame[1], errorBody("unavailable"));
      return true;
    };
    const document = await open();
    expect(tries).toBe(3);
    expect(document.text!.toString()).toBe("kept");
  });

  it("that is refused ends the document with the reason", async () => {
    server.conduct = (peer, frame) => {
      if (frame[2] !== "documents/open") return false;
      peer.send(T.ERROR, frame[1], errorBody("not_found"));
      return true;
    };
    const document = new SharedDocument(socket, { path: "nowhere" });
    socket.connect();
    const [ending] = await once(document, "ended");
    expect(ending).toMatchObject({ code: "not_found", isRestarting: false, text: null });
    expect(document.status).toBe("ended");
    await expect(document.whenSaved()).rejects.toThrow("ended");
  });
});

describe("the light", () => {
  it("is green only after the Saved that covers the last edit", async () => {
    const document = await openSaved();
    holdSaved();
    document.text!.insert(0, "a");
    document.text!.insert(1, "b");
    expect(document.status).toBe("saving");
    const peer = server.peers[0]!;
    await peer.until(() => peer.all(T.EDIT).length === 2);
    peer.send(T.SAVED, CHANNEL, 1, 5);
    peer.send(T.EDIT, CHANNEL, new Uint8Array([0, 0]));
    await peerHasBeenHeard(peer);
    expect(document.status).toBe("saving");
    expect(document.hasUnsaved).toBe(true);
    peer.send(T.SAVED, CHANNEL, 2, 6);
    await document.whenSaved();
    expect(document.hasUnsaved).toBe(false);
  });

  it("says unsaved while the server's storage is not reachable", async () => {
    server.opened = { storageReachable: false };
    const document = await open();
    await becomes(document, "unsaved");
    server.peers[0]!.send(T.STORAGE, CHANNEL, true);
    await becomes(document, "saved");
    server.peers[0]!.send(T.STORAGE, CHANNEL, false);
    await becomes(document, "unsaved");
  });

  it("stays off green after a reconnect although the server's state vector lacks nothing", async () => {
    const document = await openSaved();
    const confirm = holdSaved();
    document.text!.insert(0, "in memory, not committed");
    const peer = server.peers[0]!;
    await peer.until(() => peer.all(T.EDIT).length === 1);
    peer.cut();
    const next = await server.peer(1);
    await next.until(() => next.all(T.EDIT).length === 1);
    await becomes(document, "saving");
    confirm(next);
    await document.whenSaved();
  });

  it("stays off green after a reconnect until an unsaved deletion is saved, and the deletion arrives", async () => {
    seed("delete me");
    const document = await openSaved();
    server.conduct = (_, frame) => frame[0] === T.EDIT;
    document.text!.delete(0, 7);
    server.peers[0]!.cut();
    await becomes(document, "offline");
    const next = await server.peer(1);
    await next.until(() => next.all(T.EDIT).length === 1);
    expect(document.status).toBe("saving");
    server.conduct = () => false;
    server.answer(next, next.all(T.EDIT)[0]!);
    await document.whenSaved();
    expect(server.text).toBe("me");
  });

  it("does not believe a Saved of the connection before", async () => {
    const document = await openSaved();
    holdSaved();
    for (const letter of "abc") document.text!.insert(0, letter);
    server.peers[0]!.cut();
    await becomes(document, "offline");
    const next = await server.peer(1);
    await next.until(() => next.all(T.EDIT).length === 1);
    expect(next.all(T.EDIT)[0]![2]).toBe(1);
    expect(document.status).toBe("saving");
  });
});

describe("edits made offline", () => {
  it("are sent in one answer to the Ask, and nothing before it", async () => {
    seed("base ");
    const document = await openSaved();
    server.peers[0]!.cut();
    await becomes(document, "offline");
    for (const letter of "offline") document.text!.insert(document.text!.length, letter);
    await document.whenSaved();
    expect(server.text).toBe("base offline");
    expect(server.peers[1]!.all(T.EDIT)).toHaveLength(1);
  });

  it("wait for the Ask when they are made during the sync", async () => {
    seed("base");
    const opens: [Peer, Frame][] = [];
    const document = await openSaved();
    server.conduct = (peer, frame) => frame[2] === "documents/open" && opens.push([peer, frame]) > 0;
    server.peers[0]!.cut();
    const next = await server.peer(1);
    await next.until(() => next.requests("documents/open").length > 0);
    document.text!.insert(0, "typed ");
    server.open(...opens[0]!);
    await document.whenSaved();
    expect(next.all(T.EDIT)).toHaveLength(1);
    expect(server.text).toBe("typed base");
  });

  it("survive many cuts in the middle of typing, each exactly once", async () => {
    const document = await openSaved();
    for (let n = 0; n < 120; n++) {
      document.text!.insert(document.text!.length, String.fromCharCode(97 + (n % 26)));
      if (n % 10 === 9) {
        const online = once(socket, "welcome");
        server.peers.at(-1)!.cut();
        await online;
      }
    }
    await document.whenSaved();
    expect(server.text).toBe(document.text!.toString());
    expect(server.text).toHaveLength(120);
  });
});

describe("a socket that the server stopped", () => {
  it("and that is connected again by hand brings the edits made meanwhile", async () => {
    const document = await openSaved();
    server.peers[0]!.close(4401);
    await once(socket, "status", (status) => status === "stopped");
    expect(document.status).toBe("offline");
    document.text!.insert(0, "kept");
    socket.connect();
    await document.whenSaved();
    expect(server.text).toBe("kept");
  });
});

describe("edits of others", () => {
  it("are applied and not sent back", async () => {
    const document = await openSaved();
    const before = Y.encodeStateVector(server.doc);
    seed("from afar");
    server.peers[0]!.send(T.EDIT, CHANNEL, Y.encodeStateAsUpdate(server.doc, before));
    await peerHasBeenHeard(server.peers[0]!);
    expect(document.text!.toString()).toBe("from afar");
    expect(document.status).toBe("saved");
    expect(server.peers[0]!.all(T.EDIT)).toHaveLength(0);
  });

  it("whose predecessors are missing make the client ask for them", async () => {
    const document = await openSaved();
    seed("first ");
    const between = Y.encodeStateVector(server.doc);
    server.doc.getText("codemirror").insert(6, "second");
    const peer = server.peers[0]!;
    peer.send(T.EDIT, CHANNEL, Y.encodeStateAsUpdate(server.doc, between));
    await peer.until(() => peer.all(T.SYNC).length === 1);
    peer.send(T.SYNC, CHANNEL, false, Y.encodeStateAsUpdate(server.doc, peer.all(T.SYNC)[0]![2]));
    await peerHasBeenHeard(peer);
    expect(document.text!.toString()).toBe("first second");
  });

  it.each(["write", "read"] as const)(
    "that the server lost are brought back, deletions too, by one who could %s",
    async (access) => {
      seed("delete me");
      server.opened = { access };
      const document = await openSaved();
      const other = new Y.Doc();
      Y.applyUpdate(other, Y.encodeStateAsUpdate(server.doc));
      other.getText("codemirror").delete(0, 7);
      server.peers[0]!.send(T.EDIT, CHANNEL, Y.encodeStateAsUpdate(other));
      await peerHasBeenHeard(server.peers[0]!);
      expect(document.text!.toString()).toBe("me");
      server.opened = { access: "write" };
      server.peers[0]!.cut();
      const next = await server.peer(1);
      await next.until(() => next.all(T.EDIT).length === 1);
      await document.whenSaved();
      expect(server.text).toBe("me");
    },
  );

  it("that are not Yjs updates cost the replica, not the page", async () => {
    seed("good");
    const document = await openSaved();
    server.peers[0]!.send(T.EDIT, CHANNEL, new Uint8Array([9, 9, 9, 9]));
    const [ending] = await once(document, "ended");
    expect(ending).toMatchObject({ code: "invalid", isRestarting: true });
    await once(document, "replica");
    expect(document.text!.toString()).toBe("good");
  });
});

describe("a later Ask", () => {
  it("is answered with what the server lacks", async () => {
    const document = await openSaved();
    document.text!.insert(0, "abc");
    await document.whenSaved();
    const peer = server.peers[0]!;
    peer.send(T.ASK, CHANNEL, new Uint8Array([0]));
    await peer.until(() => peer.all(T.EDIT).length === 2);
    const copy = new Y.Doc();
    Y.applyUpdate(copy, peer.all(T.EDIT)[1]![3]);
    expect(copy.getText("codemirror").toString()).toBe("abc");
    expect(peer.all(T.EDIT)[1]![2]).toBe(2);
  });
});

describe("rights", () => {
  it("that change are told while the document stays open, and only to the channel they are for", async () => {
    const document = await openSaved();
    const text = document.text!;
    for (const [channel, access] of [
      [CHANNEL + 1, "read"],
      [CHANNEL, "read"],
    ] as const) {
      server.peers[0]!.send(T.EVENT, "documents/access_changed", { channel, access }, null);
    }
    const seen: (string | null)[] = [];
    document.on("opened", () => seen.push(document.access));
    await once(document, "opened", () => document.access === "read");
    expect(seen).toEqual(["read"]);
    expect(document.text).toBe(text);
    expect(document.status).toBe("saved");
  });
});

describe("an ended replica", () => {
  it.each(["replica_ended", "invalid", "forbidden", "foreign_lineage"] as const)(
    "with %s is dropped with its text told, and the document opened anew",
    async (code) => {
      seed("server's text");
      const document = await openSaved();
      holdSaved();
      const old = document.text!;
      old.insert(0, "mine ");
      await server.peers[0]!.until(() => server.peers[0]!.all(T.EDIT).length === 1);
      server.doc.getText("codemirror").delete(0, server.text.length);
      seed("the other life");
      const replaced = once(document, "replica");
      server.peers[0]!.send(T.ENDED, CHANNEL, { ...errorBody(code), recoveryId: "r1" });
      const [ending] = await once(document, "ended");
      expect(ending).toMatchObject({ code, recoveryId: "r1", isRestarting: true, text: "mine server's text" });
      await replaced;
      expect(document.text).not.toBe(old);
      expect(document.text!.toString()).toBe("the other life");
      expect(server.peers[0]!.requests("documents/open")[1]![3].stateVector).toHaveLength(1);
    },
  );

  it.each(["gone", "not_found", "quarantined"] as const)("with %s ends the document", async (code) => {
    const document = await openSaved();
    server.peers[0]!.send(T.ENDED, CHANNEL, { ...errorBody(code), recoveryId: null });
    const [ending] = await once(document, "ended");
    expect(ending.isRestarting).toBe(false);
    expect(document.status).toBe("ended");
  });

  it("is not opened anew for ever", async () => {
    server.conduct = (peer, frame) => {
      if (frame[2] !== "documents/open") return false;
      server.open(peer, frame);
      peer.send(T.ENDED, CHANNEL, { ...errorBody("invalid"), recoveryId: null });
      return true;
    };
    const document = new SharedDocument(socket, { path: "main.py" });
    socket.connect();
    await becomes(document, "ended");
    expect(server.peers[0]!.requests("documents/open")).toHaveLength(4);
  });

  it("with an error that may pass is opened again with the same replica", async () => {
    seed("text");
    const document = await openSaved();
    const text = document.text;
    server.peers[0]!.send(T.ENDED, CHANNEL, { ...errorBody("internal"), recoveryId: null });
    await becomes(document, "syncing");
    await becomes(document, "saved");
    expect(document.text).toBe(text);
    expect(server.peers[0]!.requests("documents/open")[1]![3].stateVector.length).toBeGreaterThan(1);
  });

  it("is made of an edit that is larger than a message may be, with its text told", async () => {
    const document = await openSaved();
    const ended = once(document, "ended");
    document.text!.insert(0, "x".repeat(1 << 20));
    const [ending] = await ended;
    expect(ending).toMatchObject({ code: "too_large", isRestarting: true });
    expect(ending.text).toHaveLength(1 << 20);
    expect(server.peers).toHaveLength(1);
  });
});

describe("a reader", () => {
  it("is ready without an Ask", async () => {
    seed("read me");
    server.opened = { access: "read" };
    const document = await openSaved();
    expect(document.access).toBe("read");
    expect(document.text!.toString()).toBe("read me");
  });

  it("who was a writer with unsaved edits still sends them, for the server to keep", async () => {
    const document = await openSaved();
    server.peers[0]!.cut();
    await becomes(document, "offline");
    document.text!.insert(0, "late");
    server.opened = { access: "read" };
    const peer = await server.peer(1);
    await peer.until(() => peer.all(T.EDIT).length === 1);
    expect(document.access).toBe("read");
  });
});

describe("cursors", () => {
  it("of others are shown, forgotten when the connection ends, and shown again with an unchanged clock", async () => {
    const document = await openSaved();
    const other = new Awareness(new Y.Doc());
    other.setLocalState({ user: { name: "Grace" } });
    const update = encodeAwarenessUpdate(other, [other.clientID]);
    for (const n of [0, 1]) {
      server.peers[n]!.send(T.AWARENESS, CHANNEL, update);
      await peerHasBeenHeard(server.peers[n]!);
      expect(document.awareness.getStates().get(other.clientID)).toEqual({ user: { name: "Grace" } });
      server.peers[n]!.cut();
      await becomes(document, "offline");
      expect(document.awareness.getStates().has(other.clientID)).toBe(false);
      await becomes(document, "saved");
    }
    other.destroy();
  });

  it("of ours are announced after the sync, and taken away on close", async () => {
    const document = await openSaved();
    const peer = server.peers[0]!;
    await peer.until(() => peer.all(T.AWARENESS).length > 0);
    const viewer = new Awareness(new Y.Doc());
    document.awareness.setLocalStateField("cursor", { anchor: 1, head: 1 });
    document.close();
    await peer.until(() => peer.requests("documents/close").length === 1);
    const counts = peer.all(T.AWARENESS).map((frame) => {
      applyAwarenessUpdate(viewer, frame[2], "test");
      return viewer.getStates().has(document.awareness.clientID);
    });
    expect(counts[0]).toBe(true);
    expect(counts.at(-1)).toBe(false);
    viewer.destroy();
  });

  it("move many times at once and cost few messages, with the newest sent last", async () => {
    const document = await openSaved();
    const peer = server.peers[0]!;
    for (let at = 0; at <= 100; at++) document.awareness.setLocalStateField("cursor", { anchor: at, head: at });
    const viewer = new Awareness(new Y.Doc());
    const newest = (): unknown => {
      for (const frame of peer.all(T.AWARENESS)) applyAwarenessUpdate(viewer, frame[2], "test");
      return viewer.getStates().get(document.awareness.clientID)?.cursor?.head;
    };
    await peer.until(() => newest() === 100);
    expect(peer.all(T.AWARENESS).length).toBeLessThan(5);
    viewer.destroy();
  });
});

/** Wait until everything sent to the client so far was handled: its answer to a request follows. */
async function peerHasBeenHeard(peer: Peer): Promise<void> {
  peer.send(T.EVENT, "files/deleted", { deleted: [] }, null);
  await once(socket.events, "files/deleted");
}
