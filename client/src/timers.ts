/** Named timers of one object: starting a name again replaces it, and all end together. */
export class Timers<Name extends string> {
  readonly #running = new Map<Name, ReturnType<typeof setTimeout>>();

  start(name: Name, ms: number, callback: () => void): void {
    clearTimeout(this.#running.get(name));
    const timer = setTimeout(() => {
      this.#running.delete(name);
      callback();
    }, ms);
    this.#running.set(name, timer);
  }

  /** Start unless it is running already. */
  startOnce(name: Name, ms: number, callback: () => void): void {
    if (!this.#running.has(name)) this.start(name, ms, callback);
  }

  clear(): void {
    for (const timer of this.#running.values()) clearTimeout(timer);
    this.#running.clear();
  }
}

/** Allows something a number of times within a window of time. */
export class Allowance {
  readonly #times: number;
  readonly #windowMs: number;
  #used: number[] = [];

  constructor(times: number, windowMs: number) {
    this.#times = times;
    this.#windowMs = windowMs;
  }

  use(): boolean {
    const now = Date.now();
    this.#used = this.#used.filter((at) => now - at < this.#windowMs);
    if (this.#used.length >= this.#times) return false;
    this.#used.push(now);
    return true;
  }
}
