import { afterEach, beforeEach } from "vitest";
import * as Y from "yjs";
import { type DocumentOptions, SharedDocument } from "../src/document";
import type { DocumentStatus } from "../src/document_status";
import { Socket } from "../src/socket";
import { MessageType as T } from "../src/wire.gen";
import { CHANNEL, FakeServer, type Peer } from "./fake_server";
import { fast, once } from "./settings";

export let server: FakeServer;
export let socket: Socket;

/** Give each test of the file a server with one document, and a socket to it that is not connected yet. */
export function useOneDocument(): void {
  beforeEach(async () => {
    server = await FakeServer.start();
    socket = new Socket(fast(server.url));
  });
  afterEach(async () => {
    socket.close();
    await server.stop();
  });
}

export async function open(options: DocumentOptions = { path: "main.py" }): Promise<SharedDocument> {
  const document = new SharedDocument(socket, options);
  socket.connect();
  if (!document.text) await once(document, "replica");
  return document;
}

export async function openSaved(): Promise<SharedDocument> {
  const document = await open();
  await becomes(document, "saved");
  return document;
}

export async function becomes(document: SharedDocument, status: DocumentStatus): Promise<void> {
  if (document.status !== status) await once(document, "status", (now) => now === status);
}

/** Edits are taken and not confirmed until the returned function is called with a peer. */
export function holdSaved(): (peer: Peer) => void {
  server.conduct = (_, frame) => {
    if (frame[0] === T.EDIT) Y.applyUpdate(server.doc, frame[3]);
    return frame[0] === T.EDIT;
  };
  return (peer) => peer.send(T.SAVED, CHANNEL, peer.all(T.EDIT).length, 9);
}

export function seed(text: string): void {
  server.doc.getText("codemirror").insert(0, text);
}

/** Wait until everything sent to the client so far was handled: its answer to a request follows. */
export async function peerHasBeenHeard(peer: Peer): Promise<void> {
  peer.send(T.EVENT, "files/deleted", { deleted: [] }, null);
  await once(socket.events, "files/deleted");
}
