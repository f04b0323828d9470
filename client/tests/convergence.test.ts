import { afterEach, beforeEach, expect, it } from "vitest";
import { SharedDocument } from "../src/document";
import { Socket } from "../src/socket";
import { FakeServer } from "./fake_server";
import { fast } from "./settings";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const STEPS = 400;

let server: FakeServer;
let sockets: Socket[];

beforeEach(async () => {
  server = await FakeServer.start();
  sockets = [new Socket(fast(server.url)), new Socket(fast(server.url))];
});

afterEach(async () => {
  for (const socket of sockets) socket.close();
  await server.stop();
});

it(`two replicas and the server agree after random edits and cuts (SEED=${SEED})`, async () => {
  const random = generator(SEED);
  const documents = sockets.map((socket) => new SharedDocument(socket, { path: "main.py" }));
  for (const socket of sockets) socket.connect();
  await Promise.all(documents.map((document) => document.whenSaved()));
  let inserted = 0;
  let deleted = 0;
  for (let step = 0; step < STEPS; step++) {
    const text = documents[random(2)]!.text!;
    if (text.length > 5 && random(4) === 0) {
      text.delete(random(text.length), 1);
      deleted++;
    } else {
      text.insert(random(text.length + 1), String.fromCharCode(97 + random(26)));
      inserted++;
    }
    if (random(20) === 0) server.peers.at(-1 - random(2))?.cut();
    if (random(8) === 0) await new Promise((turn) => setImmediate(turn));
  }
  await settled(documents);
  const texts = documents.map((document) => document.text!.toString());
  expect(texts).toEqual([server.text, server.text]);
  expect(server.text.length).toBeLessThanOrEqual(inserted);
  expect(server.text.length).toBeGreaterThanOrEqual(inserted - deleted);
});

/** Wait until all are saved and hold what the server holds. */
async function settled(documents: SharedDocument[]): Promise<void> {
  const isSettled = (document: SharedDocument): boolean =>
    document.status === "saved" && document.text!.toString() === server.text;
  while (!documents.every(isSettled)) await new Promise((turn) => setImmediate(turn));
}

/** Integers below a bound, the same for the same seed (mulberry32). */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
