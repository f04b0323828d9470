// One unmodified provider with its document, watched from outside.
import { EventEmitter } from "node:events";

import * as decoding from "lib0/decoding";

import { unitsOf } from "./contents.mjs";
import * as v3 from "./v3.mjs";
import * as v4 from "./v4/v4.mjs";

const LIBRARIES = { 3: v3, 4: v4 };
export const ROOT = "codemirror";
const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2; // outer message types of y-protocols
const UPDATE = 2; // inner type of a sync message

/** Emits "change" after anything that it knows has changed. */
export class Client extends EventEmitter {
  /** `unsaved`: own units that have not come back in an update; `saved`: those that have; `known`: all in the doc. */
  unsaved = new Set();
  saved = new Set();
  known = new Set();
  denials = [];
  closes = [];
  syncs = 0;
  awarenessMessages = 0;

  constructor(version, { server, room, token }) {
    super();
    this.setMaxListeners(0);
    const library = LIBRARIES[version];
    this.library = library;
    this.doc = new library.Y.Doc();
    this.text = library.textOf(this.doc, ROOT);
    this.provider = new library.WebsocketProvider(server, room, this.doc, {
      params: token === null ? {} : { token },
      WebSocketPolyfill: library.WebSocket,
      disableBc: true, // clients of one process must not meet behind the server's back
    });
    this.#watch();
  }

  get state() {
    return {
      text: this.text.toString(),
      synced: this.provider.synced,
      connected: this.provider.wsconnected,
      retrying: this.provider.shouldConnect,
      unsaved: this.unsaved.size,
      others: this.others,
      denials: this.denials,
      closes: this.closes,
      syncs: this.syncs,
      awarenessMessages: this.awarenessMessages,
    };
  }

  /** Names that the others show of themselves, sorted. */
  get others() {
    const states = new Map(this.provider.awareness.getStates());
    states.delete(this.doc.clientID);
    return [...states.values()].map((state) => state.user?.name ?? "").sort();
  }

  insert(at, text) {
    this.text.insert(at, text);
  }

  delete(at, length) {
    this.text.delete(at, length);
  }

  /** Apply what was authored elsewhere as if it had been typed here: the provider's own handler sends it. */
  author(update) {
    this.library.Y.applyUpdate(this.doc, update, "author");
  }

  setUser(user) {
    this.provider.awareness.setLocalStateField("user", user);
  }

  /** Resolve once `holds(this)` is true. */
  until(holds) {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds(this)) return;
        this.off("change", look);
        resolve();
      };
      this.on("change", look);
      look();
    });
  }

  #watch() {
    const { doc, provider } = this;
    const changed = () => this.emit("change");
    doc.on("update", (update, origin) => this.#updated(update, origin !== provider));
    provider.awareness.on("change", changed);
    provider.on("status", changed);
    provider.on("sync", (isSynced) => {
      if (isSynced) this.syncs += 1;
      changed();
    });
    provider.on("connection-close", (event) => {
      if (event !== null) this.closes.push(event.code);
      setImmediate(changed); // the provider decides after this event whether it comes back
    });
    this.#listen(SYNC, (decoder) => this.#cameBack(decoder));
    this.#listen(AWARENESS, () => {
      this.awarenessMessages += 1;
      changed();
    });
    this.#listen(AUTH, (decoder) => {
      decoding.readVarUint(decoder);
      this.denials.push(decoding.readVarString(decoder));
      changed();
    });
  }

  /** Look at messages of one type before the provider handles them. */
  #listen(type, look) {
    const handle = this.provider.messageHandlers[type];
    this.provider.messageHandlers[type] = (encoder, decoder, ...rest) => {
      const copy = decoding.createDecoder(decoder.arr);
      copy.pos = decoder.pos;
      handle(encoder, decoder, ...rest);
      look(copy);
    };
  }

  #updated(update, isOwn) {
    for (const unit of unitsOf(update)) {
      this.known.add(unit);
      if (isOwn) this.unsaved.add(unit);
    }
    this.emit("change");
  }

  #cameBack(decoder) {
    if (decoding.readVarUint(decoder) !== UPDATE) return;
    for (const unit of unitsOf(decoding.readVarUint8Array(decoder))) {
      if (this.unsaved.delete(unit)) this.saved.add(unit);
    }
    this.emit("change");
  }
}
