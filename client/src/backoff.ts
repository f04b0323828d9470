export interface BackoffLimits {
  firstMs: number;
  longestMs: number;
  /** A restarting server asks its clients to come back spread over this time. */
  restartSpreadMs: number;
}

export const BACKOFF: BackoffLimits = { firstMs: 100, longestMs: 10_000, restartSpreadMs: 2_000 };

/** Exponential back-off with full jitter: a crowd that lost its server together does not return together. */
export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #random: () => number;
  #failures = 0;

  constructor(limits: BackoffLimits = BACKOFF, random: () => number = Math.random) {
    this.#limits = limits;
    this.#random = random;
  }

  /** The time to wait before the next attempt, in ms. */
  next({ isRestart = false }: { isRestart?: boolean } = {}): number {
    const { firstMs, longestMs, restartSpreadMs } = this.#limits;
    const ceiling = Math.min(longestMs, firstMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 30);
    return this.#random() * (isRestart ? Math.max(ceiling, restartSpreadMs) : ceiling);
  }

  reset(): void {
    this.#failures = 0;
  }
}
