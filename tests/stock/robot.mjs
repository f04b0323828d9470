// Stock clients that do what they are asked, one by one.
import { Client } from "./client.mjs";
import { serve } from "./requests.mjs";

const clients = new Map();

const CONDITIONS = {
  text: (expected) => (client) => client.text.toString() === expected,
  others: (names) => (client) => JSON.stringify(client.others) === JSON.stringify(names),
  synced: (expected) => (client) => client.provider.synced === expected,
  syncs: (least) => (client) => client.syncs >= least,
  awarenessMessages: (least) => (client) => client.awarenessMessages >= least,
  saved: () => (client) => client.unsaved.size === 0,
  denied: (count) => (client) => client.denials.length >= count,
  closed: (count) => (client) => client.closes.length >= count,
};

const ACTIONS = {
  connect: ({ client, version, ...where }) => {
    clients.set(client, new Client(version, where));
  },
  insert: ({ client, at, text }) => clients.get(client).insert(at, text),
  delete: ({ client, at, length }) => clients.get(client).delete(at, length),
  setUser: ({ client, user }) => clients.get(client).setUser(user),
  state: ({ client }) => clients.get(client).state,
  until: ({ client, what, value }) => clients.get(client).until(CONDITIONS[what](value)),
  disconnect: ({ client }) => clients.get(client).provider.disconnect(),
  reconnect: ({ client }) => clients.get(client).provider.connect(),
  cut: ({ client }) => clients.get(client).provider.ws.terminate(),
  destroy: ({ client }) => clients.get(client).provider.destroy(),
};

serve(ACTIONS);
