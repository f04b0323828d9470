import { describe, expect, it } from "vitest";
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { MessageType as T } from "../src/wire.gen";
import { CHANNEL } from "./fake_server";
import { server, openSaved, becomes, seed, peerHasBeenHeard, useOneDocument } from "./one_document";
import { once } from "./settings";

useOneDocument();

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
