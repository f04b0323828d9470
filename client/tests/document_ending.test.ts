import { describe, expect, it } from "vitest";
import { SharedDocument } from "../src/document";
import { MessageType as T } from "../src/wire.gen";
import { CHANNEL, errorBody } from "./fake_server";
import { server, socket, openSaved, becomes, holdSaved, seed, useOneDocument } from "./one_document";
import { once } from "./settings";

useOneDocument();

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

  it("tells of its words only those that were refused", async () => {
    const document = await openSaved();
    holdSaved();
    document.text!.insert(0, "taken ");
    document.text!.insert(6, "refused");
    const peer = server.peers[0]!;
    await peer.until(() => peer.all(T.EDIT).length === 2);
    peer.send(T.ENDED, CHANNEL, { ...errorBody("forbidden"), recoveryId: null, refusedFrom: 2 });
    const [ending] = await once(document, "ended");
    expect(ending).toMatchObject({ text: "taken refused", words: "refused" });
  });

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
