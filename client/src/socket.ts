import { Backoff, BACKOFF, type BackoffLimits } from "./backoff";
import { Connection, type WebSocketClass } from "./connection";
import { closeBody, type ErrorBody, RequestError } from "./errors";
import { Emitter } from "./emitter";
import { type ChannelMessage, type ClientMessage, isChannelMessage, type ServerMessage } from "./frames";
import { Renewal } from "./renewal";
import { type RequestOptions, Requests } from "./requests";
import {
  CloseCode,
  type CommandName,
  type Commands,
  type Events,
  type Hello,
  MessageType as T,
  type ResumeFrom,
  VERSION,
  type Welcome,
} from "./wire.gen";

/** `stopped` is final: the server said that trying again unchanged is of no use, or `close` was called. */
export type SocketStatus = "connecting" | "online" | "offline" | "stopped";

export interface SocketOptions {
  /** Address of `/ws`. */
  url: string;
  projectId: string;
  /**
   * A bearer token, asked for at each connect and again before it ends, so that an open socket goes on with a fresh one;
   * absent when the session cookie signs in.
   */
  token?: () => string | Promise<string>;
  clientName?: string;
  WebSocket?: WebSocketClass;
  backoff?: BackoffLimits;
  /** How long a connection must have held before the back-off starts from its first step again. */
  stableMs?: number;
  welcomeTimeoutMs?: number;
}

interface SocketEvents {
  status: [status: SocketStatus];
  /** Online again; channels of the last connection are void. */
  welcome: [welcome: Welcome];
  /** The connection ended; `retryInMs` is null when no other follows. */
  lost: [why: ErrorBody, retryInMs: number | null];
  /** Events were missed that nobody will bring: fetch lists anew. */
  resync: [];
  /** An error that belongs to no request. */
  problem: [error: ErrorBody];
}

type ChannelHandler = (message: ChannelMessage) => void;
type ProjectEvents = { [N in keyof Events]: [body: Events[N]] };

/** The one socket of a project: comes back by itself, answers requests, and hands messages to whom they concern. */
export class Socket extends Emitter<SocketEvents> {
  /** What happened in the project, by event name. */
  readonly events = new Emitter<ProjectEvents>();
  readonly #options: SocketOptions;
  readonly #requests = new Requests();
  readonly #channels = new Map<number, ChannelHandler>();
  readonly #backoff: Backoff;
  readonly #renewal = new Renewal(() => this.#renew());
  #connection: Connection | null = null;
  #status: SocketStatus = "offline";
  #welcome: Welcome | null = null;
  #resume: ResumeFrom | null = null;
  #whyStopped: ErrorBody | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #stableTimer: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;

  constructor(options: SocketOptions) {
    super();
    this.#options = options;
    this.#backoff = new Backoff(options.backoff ?? BACKOFF);
  }

  get status(): SocketStatus {
    return this.#status;
  }

  /** The newest Welcome, also while offline; null before the first. */
  get welcome(): Welcome | null {
    return this.#welcome;
  }

  /** Why the socket is `stopped`, else null. */
  get whyStopped(): ErrorBody | null {
    return this.#whyStopped;
  }

  /** Bytes that the transport has not taken yet. */
  get bufferedAmount(): number {
    return this.#connection?.bufferedAmount ?? 0;
  }

  /** Connect now: at the start, after `stopped`, or to cut a wait short. */
  connect(): void {
    if (this.#connection) return;
    clearTimeout(this.#retryTimer);
    this.#whyStopped = null;
    this.#setStatus(this.#attempts++ === 0 ? "connecting" : "offline");
    this.#connection = new Connection(
      {
        url: this.#options.url,
        hello: () => this.#hello(),
        WebSocket: this.#options.WebSocket ?? WebSocket,
        welcomeTimeoutMs: this.#options.welcomeTimeoutMs ?? 15_000,
      },
      {
        onWelcome: (welcome) => this.#greeted(welcome),
        onMessage: (message) => this.#receive(message),
        onEnd: (why) => this.#lose(why),
      },
    );
  }

  /** End for good; requests under way fail. */
  close(): void {
    const connection = this.#connection;
    this.#stop(closeBody(CloseCode.NORMAL, ""));
    connection?.close();
  }

  /** Send a command; it outlives reconnects, with one command id, until it is answered or times out. */
  request<N extends CommandName>(
    name: N,
    body: Commands[N]["request"],
    options: RequestOptions<N> = {},
  ): Promise<Commands[N]["reply"]> {
    if (this.#whyStopped) return Promise.reject(new RequestError(this.#whyStopped));
    return this.#requests.start(name, body, options, (message) => this.send(message));
  }

  /** Send on the present connection; dropped when there is none. */
  send(message: ClientMessage): void {
    if (this.#status === "online") this.#connection?.send(message);
  }

  /** Hear a channel's messages until `detach` or the end of the connection. */
  attach(channel: number, handler: ChannelHandler): void {
    this.#channels.set(channel, handler);
  }

  detach(channel: number): void {
    this.#channels.delete(channel);
  }

  async #hello(): Promise<Hello> {
    return {
      minor: VERSION.minor,
      client: this.#options.clientName ?? "flashio-client 0.1",
      projectId: this.#options.projectId,
      token: (await this.#options.token?.()) ?? null,
      resume: this.#resume,
    };
  }

  #greeted(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#stableTimer = setTimeout(() => this.#backoff.reset(), this.#options.stableMs ?? 5_000);
    if (!welcome.recovered) this.#resume = { epoch: welcome.epoch, seq: welcome.seq };
    this.#requests.resend((message) => this.#connection?.send(message)); // before listeners add theirs
    this.#setStatus("online");
    if (this.#options.token) this.#renewal.start(welcome.credentialEndsAt ?? null, welcome.serverTime);
    this.emit("welcome", welcome);
    for (const missed of welcome.missed) this.#happen(missed.name, missed.body, missed.seq);
    if (!welcome.recovered) this.emit("resync");
  }

  #receive(message: ServerMessage): void {
    if (isChannelMessage(message)) return this.#channels.get(message[1])?.(message);
    switch (message[0]) {
      case T.REPLY:
        return this.#requests.succeed(message[1], message[2]);
      case T.ERROR:
        return message[1] === null ? this.emit("problem", message[2]) : this.#requests.fail(message[1], message[2]);
      case T.EVENT:
        return this.#happen(message[1], message[2], message[3]);
    }
  }

  /** Numbered events have no gaps: a repeated one is dropped, a missing one makes the lists be fetched anew. */
  #happen(name: string, body: unknown, seq: number | null): void {
    if (seq !== null && this.#resume) {
      if (seq <= this.#resume.seq) return;
      const isGap = seq !== this.#resume.seq + 1;
      this.#resume = { epoch: this.#resume.epoch, seq };
      if (isGap) this.emit("resync");
    }
    this.events.emit(name as keyof Events, body as never);
  }

  async #renew(): Promise<string | null> {
    const token = (await this.#options.token?.()) ?? null;
    const reply = await this.request("accounts/renew", { token }, { isBoundToConnection: true });
    return reply.credentialEndsAt;
  }

  #lose(why: ErrorBody): void {
    this.#connection = null;
    this.#renewal.stop();
    clearTimeout(this.#stableTimer);
    this.#channels.clear();
    this.#requests.disconnect(why);
    if (this.#whyStopped) return;
    if (!why.retry) return this.#stop(why);
    const retryInMs = this.#backoff.next({ isRestart: why.number === CloseCode.SERVICE_RESTART });
    this.#retryTimer = setTimeout(() => this.connect(), retryInMs);
    this.#setStatus("offline");
    this.emit("lost", why, retryInMs);
  }

  #stop(why: ErrorBody): void {
    if (this.#whyStopped) return;
    this.#whyStopped = why;
    clearTimeout(this.#retryTimer);
    this.#requests.abandon(why);
    this.#setStatus("stopped");
    this.emit("lost", why, null);
  }

  #setStatus(status: SocketStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.emit("status", status);
  }
}
