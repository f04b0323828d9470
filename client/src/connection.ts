import { closeBody, type ErrorBody, errorBody } from "./errors";
import { type ClientMessage, decodeMessage, encodeMessage, type ServerMessage } from "./frames";
import { CloseCode, type Hello, MessageType as T, SUBPROTOCOL, type Welcome } from "./wire.gen";

export type WebSocketClass = new (url: string, protocols: string) => WebSocket;

export interface ConnectionEvents {
  onWelcome(welcome: Welcome): void;
  onMessage(message: Exclude<ServerMessage, [typeof T.HELLO, Welcome]>): void;
  /** Called once; nothing else is called afterwards. */
  onEnd(why: ErrorBody): void;
}

export interface ConnectionOptions {
  url: string;
  hello: () => Promise<Hello>;
  WebSocket: WebSocketClass;
  /** From the start of the handshake to the Welcome. */
  welcomeTimeoutMs: number;
}

const SILENT_INTERVALS = 3; // the server's measure for closing silent sockets, and ours for leaving a silent server

/** One WebSocket from its handshake to its end; never reused. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #events: ConnectionEvents;
  #isWelcome = false;
  #isOver = false;
  #lastError: ErrorBody | null = null; // of no request: said before the Welcome, or just before a close
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;
  #sentAt = 0;
  #heardAt = 0;
  #pings = 0;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#events = events;
    this.#socket = new options.WebSocket(options.url, SUBPROTOCOL);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => void this.#greet(options.hello);
    this.#socket.onmessage = (event: MessageEvent<unknown>) => this.#receive(event.data);
    this.#socket.onclose = (event) => this.#end(this.#reason(event));
    this.#deadline = setTimeout(() => this.#fail("The server did not answer in time."), options.welcomeTimeoutMs);
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: ClientMessage): void {
    if (this.#isOver || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#sentAt = Date.now();
    this.#socket.send(encodeMessage(message));
  }

  /** End without a reconnect in mind; `onEnd` is called at once. */
  close(): void {
    this.#end(closeBody(CloseCode.NORMAL, ""));
  }

  async #greet(hello: () => Promise<Hello>): Promise<void> {
    try {
      this.send([T.HELLO, await hello()]);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #receive(data: unknown): void {
    if (this.#isOver) return;
    this.#heardAt = Date.now();
    const message = this.#decode(data);
    if (!message || this.#isOver) return;
    if (message[0] === T.ERROR && message[1] === null) this.#lastError = message[2];
    if (message[0] === T.HELLO) this.#welcome(message[1]);
    else if (this.#isWelcome) this.#events.onMessage(message);
  }

  #reason(event: CloseEvent): ErrorBody {
    const said = this.#lastError;
    return said && (!this.#isWelcome || said.number === event.code) ? said : closeBody(event.code, event.reason);
  }

  #decode(data: unknown): ServerMessage | null {
    try {
      if (data instanceof ArrayBuffer) return decodeMessage(data);
      throw new TypeError("not a binary message");
    } catch {
      this.#fail("The server sent something that is not of this protocol.");
      return null;
    }
  }

  #welcome(welcome: Welcome): void {
    if (this.#isWelcome) return;
    this.#isWelcome = true;
    clearTimeout(this.#deadline);
    const intervalMs = welcome.limits.pingIntervalS * 1000;
    this.#pulse = setInterval(() => this.#beat(intervalMs), intervalMs / 2);
    this.#events.onWelcome(welcome);
  }

  #beat(intervalMs: number): void {
    const now = Date.now();
    if (now - this.#heardAt > SILENT_INTERVALS * intervalMs) this.#fail("The server went silent.");
    else if (now - this.#sentAt >= intervalMs / 2) this.send([T.PING, ++this.#pings]);
  }

  #fail(message: string): void {
    this.#end(errorBody("unavailable", message));
  }

  #end(why: ErrorBody): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    clearInterval(this.#pulse);
    if (this.#socket.readyState <= this.#socket.OPEN) this.#socket.close(CloseCode.NORMAL);
    this.#events.onEnd(why);
  }
}
