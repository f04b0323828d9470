import { describe, expect, it } from "vitest";
import { MessageType as T } from "../src/wire.gen";
import { CHANNEL, type Frame, type Peer } from "./fake_server";
import {
  server,
  socket,
  open,
  openSaved,
  becomes,
  holdSaved,
  seed,
  peerHasBeenHeard,
  useOneDocument,
} from "./one_document";
import { once } from "./settings";

useOneDocument();

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
