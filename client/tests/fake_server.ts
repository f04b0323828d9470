import { decode, encode } from "@msgpack/msgpack";
import type { AddressInfo } from "node:net";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import * as Y from "yjs";
import { ERRORS, type ErrorCode, MessageType as T, type Opened, SUBPROTOCOL, type Welcome } from "../src/wire.gen";

export type Frame = [type: number, ...fields: any[]];

/** One accepted WebSocket, with everything the client said and ways to say things to it. */
export class Peer {
  readonly received: Frame[] = [];
  readonly #socket: WebSocket;
  #waiters: (() => void)[] = [];

  constructor(socket: WebSocket, onFrame: (frame: Frame) => void) {
    this.#socket = socket;
    socket.on("message", (data: RawData) => {
      const frame = decode(data as Buffer) as Frame;
      this.received.push(frame);
      onFrame(frame);
      for (const wake of this.#waiters.splice(0)) wake();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(...frame: Frame): void {
    this.#socket.send(encode(frame));
  }

  sendRaw(data: Uint8Array | string): void {
    this.#socket.send(data);
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  /** Cut the connection as a dying network does. */
  cut(): void {
    this.#socket.terminate();
  }

  all(type: number): Frame[] {
    return this.received.filter((frame) => frame[0] === type);
  }

  requests(name: string): Frame[] {
    return this.all(T.REQUEST).filter((frame) => frame[2] === name);
  }

  /** Wait until `condition` holds for what was received. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((wake) => this.#waiters.push(wake));
  }
}

/** Answers a frame; return true to say that the default answer is not wanted. */
export type Conduct = (peer: Peer, frame: Frame) => boolean | void;

/** A server of the wire with one document, whose every answer a test can replace. */
export class FakeServer {
  readonly peers: Peer[] = [];
  readonly doc = new Y.Doc();
  conduct: Conduct = () => false;
  welcome: Partial<Welcome> = {};
  opened: Partial<Opened> = {};
  #server: WebSocketServer;
  #arrivals: (() => void)[] = [];
  readonly #inDocument = new Set<Peer>();

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.#listen();
  }

  static async start(port = 0): Promise<FakeServer> {
    return new FakeServer(await listen(port));
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ws`;
  }

  get text(): string {
    return this.doc.getText("codemirror").toString();
  }

  /** The n-th connection, counted from 0, once it is there. */
  async peer(n: number): Promise<Peer> {
    while (!this.peers[n]) await new Promise<void>((wake) => this.#arrivals.push(wake));
    return this.peers[n]!;
  }

  async stop(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((done) => this.#server.close(done));
  }

  #listen(): void {
    this.#server.on("connection", (socket) => {
      const peer: Peer = new Peer(socket, (frame) => {
        if (this.conduct(peer, frame) !== true) this.answer(peer, frame);
      });
      this.peers.push(peer);
      for (const wake of this.#arrivals.splice(0)) wake();
    });
  }

  /** What a healthy server says to this frame. */
  answer(peer: Peer, frame: Frame): void {
    if (frame[0] === T.HELLO) peer.send(T.HELLO, { ...WELCOME, ...this.welcome });
    if (frame[0] === T.PING) peer.send(T.PONG, frame[1]);
    if (frame[0] === T.REQUEST) this.#answerRequest(peer, frame);
    if (frame[0] === T.EDIT) {
      Y.applyUpdate(this.doc, frame[3]);
      peer.send(T.SAVED, frame[1], frame[2], frame[2]);
      for (const other of this.#inDocument) if (other !== peer && other.isOpen) other.send(T.EDIT, frame[1], frame[3]);
    }
  }

  open(peer: Peer, frame: Frame): void {
    this.#inDocument.add(peer);
    const opened = { ...OPENED, path: frame[3].path, ...this.opened };
    peer.send(T.REPLY, frame[1], opened);
    const lacking = Y.encodeStateAsUpdate(this.doc, frame[3].stateVector);
    const half = lacking.length >> 1;
    peer.send(T.SYNC, opened.channel, true, lacking.slice(0, half));
    peer.send(T.SYNC, opened.channel, false, lacking.slice(half));
    if (opened.access === "write") peer.send(T.ASK, opened.channel, Y.encodeStateVector(this.doc));
  }

  #answerRequest(peer: Peer, frame: Frame): void {
    if (frame[2] === "documents/open") this.open(peer, frame);
    else if (frame[2] === "files/list") peer.send(T.REPLY, frame[1], { files: [], next: null });
    else peer.send(T.REPLY, frame[1], {});
  }
}

export function errorBody(code: ErrorCode): { code: string; number: number; message: string; retry: boolean } {
  const { number, retry, text } = ERRORS[code];
  return { code, number, retry, message: text };
}

export const CHANNEL = 7;

const WELCOME: Welcome = {
  minor: 0,
  server: "fake",
  connectionId: 1,
  user: { id: "u", name: "Ada", color: "#2a78d6", colorLight: "#2a78d633" },
  project: { id: "p", name: "Demo", role: "owner", abilities: ["read", "write", "delete"], canWrite: true },
  limits: {
    maxMessageBytes: 1 << 20,
    maxUpdateBytes: 1 << 19,
    maxAwarenessBytes: 4096,
    maxDocumentBytes: 5_000_000,
    pingIntervalS: 20,
  },
  epoch: "e1",
  seq: 0,
  recovered: false,
  missed: [],
  serverTime: "2026-01-01T00:00:00Z",
};

export const OPENED: Opened = {
  channel: CHANNEL,
  documentId: "d1",
  path: "main.py",
  rootName: "codemirror",
  lineage: "1",
  seq: 1,
  access: "write",
  storageReachable: true,
};

function listen(port: number): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port, handleProtocols: () => SUBPROTOCOL });
  return new Promise((done) => server.on("listening", () => done(server)));
}
