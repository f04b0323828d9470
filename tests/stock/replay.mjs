// Replays a concurrent trace: every agent sends its own edits through its own provider, all at the same time, each
// edit once, as soon as what its author had seen has arrived at that provider's document.
import { setTimeout as pause } from "node:timers/promises";

import { author, readTrace } from "./author.mjs";
import { Client } from "./client.mjs";
import { serve } from "./requests.mjs";

const SEEDS_FROM = 2 ** 53 - 2 ** 32; // client ids of the server's own first struct
const OFFLINE_PAUSE_MS = 50; // between two edits while disconnected: people go on typing, at a person's pace

let edits = []; // of the whole trace, as `author` returns them
let end = "";
let room = {};
let agentCount = 0;
let agents = []; // those that run here
let started = 0;
const histories = new Map(); // agent -> its edits in order

class Agent {
  sent = 0;
  isDone = false;

  constructor(number, client) {
    this.client = client;
    this.own = byAgent(number);
    this.heard = new Map(); // agent -> how many of its edits have arrived
  }

  async run() {
    for (const edit of this.own) {
      await this.client.until(() => this.#hasArrived(edit.seen));
      this.client.author(edit.update);
      this.sent += 1;
      this.client.emit("change");
      await (this.client.provider.wsconnected ? new Promise(setImmediate) : pause(OFFLINE_PAUSE_MS));
    }
    const everything = Array.from({ length: agentCount }, (_, number) => byAgent(number).length);
    await this.client.until(() => this.#hasArrived(everything));
    this.isDone = true;
    this.client.emit("change");
  }

  #hasArrived(seen) {
    return seen.every((count, other) => {
      const theirs = byAgent(other);
      let heard = this.heard.get(other) ?? 0;
      while (heard < count && this.#knows(theirs[heard])) heard += 1;
      this.heard.set(other, heard);
      return heard >= count;
    });
  }

  #knows(edit) {
    return edit.units.every((unit) => this.client.known.has(unit));
  }
}

function byAgent(number) {
  if (!histories.has(number)) {
    const theirs = edits.filter((edit) => edit.agent === number);
    histories.set(number, theirs);
  }
  return histories.get(number);
}

/** Resolves once a condition on all agents holds, looked at whenever one of them changes; a refusal is an error. */
function untilAll(holds) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const denial = agents.flatMap(({ client }) => client.denials)[0];
      if (denial === undefined && !holds()) return;
      for (const { client } of agents) client.off("change", look);
      if (denial === undefined) resolve();
      else reject(new Error(`the server refused an agent: ${denial}`));
    };
    for (const { client } of agents) client.on("change", look);
    look();
  });
}

const sentByAll = () => agents.reduce((sum, agent) => sum + agent.sent, 0);
const isOnline = ({ client }) => client.provider.synced;

const isSeed = (unit) => Number(unit.slice(1, unit.indexOf(":"))) >= SEEDS_FROM;

async function newcomer(server, version) {
  const client = new Client(version, { ...room, server });
  await client.until(() => client.provider.synced);
  client.provider.destroy();
  return client;
}

serve({
  /** Author the trace and see that its end is reached. */
  author: ({ path }) => {
    const trace = readTrace(path);
    edits = author(trace);
    end = trace.endContent;
    agentCount = trace.numAgents;
    return { edits: edits.length, characters: Array.from(end).length };
  },
  /** The authored edits, for an agent that runs elsewhere. */
  edits: () => edits.map((edit) => ({ ...edit, update: Buffer.from(edit.update).toString("base64") })),
  /** Begin: `versions` gives, per agent run here, the version of its provider. */
  start: async ({ server, path, token, versions }) => {
    room = { room: path, token };
    agents = versions.map(([number, version]) => new Agent(number, new Client(version, { ...room, server })));
    await untilAll(() => agents.every(isOnline));
    started = performance.now();
    for (const agent of agents) agent.run();
  },
  /** How many edits were sent by those who run here. */
  sent: () => sentByAll(),
  /** Return when everybody is connected and level with the server. */
  online: () => untilAll(() => agents.every(isOnline)),
  finished: async () => {
    await untilAll(() => agents.every((agent) => agent.isDone));
    return { seconds: (performance.now() - started) / 1000 };
  },
  /** Return when every edit has come back from the log to the one that sent it. */
  saved: () => untilAll(() => agents.every(({ client }) => client.unsaved.size === 0)),
  /** What a newcomer on this server lacks of all that came back to anybody, and what it has that nobody wrote. */
  check: async ({ server }) => {
    const { known } = await newcomer(server, 3);
    const written = new Set(edits.flatMap((edit) => edit.units));
    const acknowledged = agents.flatMap(({ client }) => [...client.saved]);
    const missing = acknowledged.filter((unit) => !known.has(unit));
    return {
      acknowledged: acknowledged.length,
      missing: missing.length,
      examples: missing.slice(0, 5).concat(missing.slice(-5)),
      invented: [...known].filter((unit) => !written.has(unit) && !isSeed(unit)).length,
    };
  },
  /** Whether everybody's text, and a newcomer's, is the trace's end. */
  ends: async ({ server }) => {
    const clients = [...agents.map((agent) => agent.client), await newcomer(server, 3), await newcomer(server, 4)];
    return clients.map((client) => client.text.toString() === end);
  },
  text: () => end,
  leave: () => {
    for (const { client } of agents) client.provider.destroy();
  },
});
