import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { SharedDocument } from "../src/document";
import { MessageType as T } from "../src/wire.gen";
import { CHANNEL, errorBody, OPENED } from "./fake_server";
import { server, socket, open, openSaved, becomes, seed, peerHasBeenHeard, useOneDocument } from "./one_document";
import { once } from "./settings";

useOneDocument();

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
