// Authors a concurrent editing trace offline: each agent on a document of its own, in the trace's causal order.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

import * as Y from "yjs";

import { ROOT } from "./client.mjs";
import { unitsOf } from "./contents.mjs";

const SURROGATE = /[\ud800-\udbff]/;
const NOTHING = Uint8Array.of(0, 0); // the update of a transaction that changed nothing

/** A trace file as https://github.com/josephg/editing-traces describes concurrent ones, gzipped or not. */
export function readTrace(path) {
  const bytes = readFileSync(path);
  return JSON.parse(path.endsWith(".gz") ? gunzipSync(bytes) : bytes);
}

/**
 * One edit per transaction: {agent, seen, update, units}; `seen` counts, per agent, the edits that its author had seen.
 *
 * Client ids in the order of the agents give exactly the trace's end; anything else is an error.
 */
export function author(trace) {
  const hasPairs = trace.txns.some(({ patches }) => patches.some(([, , inserted]) => SURROGATE.test(inserted)));
  const authors = Array.from({ length: trace.numAgents }, (_, agent) => new Author(agent, hasPairs));
  const history = authors.map(() => []); // per agent, its updates in order
  const versions = [];
  const edits = trace.txns.map(({ parents, agent, patches }) => {
    const seen = newest(parents, versions, authors.length);
    if (seen[agent] !== history[agent].length) throw new Error(`agent ${agent} edits beside its own last edit`);
    const update = authors[agent].write(seen, history, patches);
    history[agent].push(update);
    versions.push(seen.map((count, other) => (other === agent ? count + 1 : count)));
    return { agent, seen, update, units: [...unitsOf(update)] };
  });
  for (const one of authors) {
    one.see(history.map((updates) => updates.length), history);
    if (one.text.toString() !== trace.endContent) throw new Error(`agent ${one.agent} does not reach the trace's end`);
  }
  return edits;
}

class Author {
  constructor(agent, hasPairs) {
    this.agent = agent;
    this.hasPairs = hasPairs; // whether characters may take two UTF-16 units
    this.doc = new Y.Doc();
    this.doc.clientID = agent + 1;
    this.text = this.doc.getText(ROOT);
    this.applied = []; // per agent, how many of its edits are in the document
  }

  write(seen, history, patches) {
    this.see(seen, history);
    let update = NOTHING;
    const keep = (bytes) => (update = bytes);
    this.doc.on("update", keep);
    this.doc.transact(() => {
      for (const patch of patches) this.#apply(patch);
    });
    this.doc.off("update", keep);
    this.applied[this.agent] = (this.applied[this.agent] ?? 0) + 1;
    return update;
  }

  see(seen, history) {
    seen.forEach((count, agent) => {
      if (agent === this.agent) return;
      for (let at = this.applied[agent] ?? 0; at < count; at++) Y.applyUpdate(this.doc, history[agent][at]);
      this.applied[agent] = Math.max(count, this.applied[agent] ?? 0);
    });
  }

  #apply([position, deleted, inserted]) {
    const [start, end] = this.hasPairs ? units(this.text.toString(), position, deleted) : [position, position + deleted];
    if (end > start) this.text.delete(start, end - start);
    if (inserted) this.text.insert(start, inserted);
  }
}

/** Where characters `position` to `position + deleted` begin and end in UTF-16 units. */
function units(text, position, deleted) {
  const characters = Array.from(text);
  const start = characters.slice(0, position).join("").length;
  return [start, start + characters.slice(position, position + deleted).join("").length];
}

/** How many edits of each agent are behind a transaction's parents. */
function newest(parents, versions, agentCount) {
  const seen = Array(agentCount).fill(0);
  for (const parent of parents) versions[parent].forEach((count, agent) => (seen[agent] = Math.max(seen[agent], count)));
  return seen;
}
