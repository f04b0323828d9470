import { ConnectionLost, type ErrorBody, errorBody, RequestError } from "./errors";
import { type ClientMessage } from "./frames";
import { type CommandName, type Commands, MessageType as T, MUTATES } from "./wire.gen";

export interface RequestOptions<N extends CommandName> {
  timeoutMs?: number;
  /** Name a mutating command to try it again by hand; made when absent. */
  commandId?: string;
  /** Fail when the connection ends instead of asking again on the next one. */
  isBoundToConnection?: boolean;
  /** Called at once when the reply arrives, before any later message is looked at. */
  onReply?: (reply: Commands[N]["reply"]) => void;
}

interface Pending {
  message: Extract<ClientMessage, [typeof T.REQUEST, ...unknown[]]>;
  isBound: boolean;
  timer: ReturnType<typeof setTimeout>;
  resolve(reply: unknown): void;
  reject(error: Error): void;
}

const TIMEOUT_MS = 20_000;
const MAX_PENDING = 1000; // a page that asks more while offline is not waiting for the answers

/** The requests under way: each is answered once, sent again after a reconnect with the same command id, or times out. */
export class Requests {
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** `send` puts the request on the wire when there is one now, else it goes out at `resend`. */
  start<N extends CommandName>(
    name: N,
    body: Commands[N]["request"],
    options: RequestOptions<N>,
    send: (message: ClientMessage) => void,
  ): Promise<Commands[N]["reply"]> {
    if (this.#pending.size >= MAX_PENDING) return Promise.reject(new RequestError(errorBody("limit_reached")));
    const id = ++this.#lastId;
    const commandId = MUTATES[name] ? (options.commandId ?? crypto.randomUUID()) : null;
    return new Promise<unknown>((resolve, reject) => {
      const message: Pending["message"] = [T.REQUEST, id, name, body, commandId];
      const timer = setTimeout(
        () => this.fail(id, errorBody("timeout", "No answer came in time. Try again.")),
        options.timeoutMs ?? TIMEOUT_MS,
      );
      const answer = (reply: unknown): void => {
        options.onReply?.(reply as Commands[N]["reply"]);
        resolve(reply);
      };
      this.#pending.set(id, { message, isBound: options.isBoundToConnection ?? false, timer, resolve: answer, reject });
      send(message);
    }) as Promise<Commands[N]["reply"]>;
  }

  resend(send: (message: ClientMessage) => void): void {
    for (const { message } of this.#pending.values()) send(message);
  }

  succeed(id: number, reply: unknown): void {
    this.#take(id)?.resolve(reply);
  }

  fail(id: number, error: ErrorBody): void {
    this.#take(id)?.reject(new RequestError(error));
  }

  /** The connection is gone: fail what belonged to it. */
  disconnect(why: ErrorBody): void {
    for (const [id, { isBound }] of this.#pending) {
      if (isBound) this.#take(id)?.reject(new ConnectionLost(why.message));
    }
  }

  /** No further connection comes: fail everything. */
  abandon(why: ErrorBody): void {
    for (const id of [...this.#pending.keys()]) this.fail(id, why);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    clearTimeout(pending?.timer);
    this.#pending.delete(id);
    return pending;
  }
}
