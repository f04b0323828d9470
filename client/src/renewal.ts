const RENEW_AT = 0.75; // of the time that is left: what fails is tried again before the end
const LEAST_LEFT_MS = 50; // closer to the end another try cannot be answered any more
const MAX_TIMER_MS = 2 ** 31 - 1; // a longer one would fire at once

/** Brings a connection a fresh credential before the one that it lives on ends. Times are the server's, as ISO text. */
export class Renewal {
  readonly #renew: () => Promise<string | null>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #serverAheadMs = 0;
  #connection = 0;

  /** `renew` presents a credential and resolves to when that one ends; null is never. */
  constructor(renew: () => Promise<string | null>) {
    this.#renew = renew;
  }

  /** A connection began at `serverTime`; it lives until `endsAt` unless it is renewed. */
  start(endsAt: string | null, serverTime: string): void {
    this.stop();
    this.#serverAheadMs = Date.parse(serverTime) - Date.now();
    this.#follow(endsAt);
  }

  /** The connection is gone. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#connection++;
  }

  #follow(endsAt: string | null): void {
    if (endsAt === null) return;
    const leftMs = Date.parse(endsAt) - this.#serverAheadMs - Date.now();
    if (leftMs < LEAST_LEFT_MS) return;
    this.#timer = setTimeout(() => void this.#tryNow(endsAt), Math.min(leftMs * RENEW_AT, MAX_TIMER_MS));
  }

  async #tryNow(endsAt: string): Promise<void> {
    const connection = this.#connection;
    const next = await this.#renew().catch(() => endsAt); // the old one still holds: try again in what is left of it
    if (connection === this.#connection) this.#follow(next);
  }
}
