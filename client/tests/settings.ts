import { WebSocket } from "ws";
import type { WebSocketClass } from "../src/connection";
import type { Emitter } from "../src/emitter";
import type { SocketOptions } from "../src/socket";

/** Options of a socket that comes back at once. */
export function fast(url: string, more: Partial<SocketOptions> = {}): SocketOptions {
  return {
    url,
    projectId: "6f1b2a34-5c6d-4e7f-8a9b-0c1d2e3f4a5b",
    token: () => "secret",
    WebSocket: WebSocket as unknown as WebSocketClass,
    backoff: { firstMs: 5, longestMs: 20, restartSpreadMs: 5 },
    ...more,
  };
}

/** Wait for an event for which `accepts` holds; gives its arguments. */
export function once<E extends { [K in keyof E]: unknown[] }, K extends keyof E>(
  emitter: Emitter<E>,
  name: K,
  accepts: (...args: E[K]) => boolean = () => true,
): Promise<E[K]> {
  return new Promise((resolve) => {
    const unlisten = emitter.on(name, (...args) => {
      if (!accepts(...args)) return;
      unlisten();
      resolve(args);
    });
  });
}
