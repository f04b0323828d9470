/** Listeners by event name; `E` maps each name to the arguments its listeners get. */
export class Emitter<E extends { [K in keyof E]: unknown[] }> {
  readonly #listeners: { [K in keyof E]?: Set<(...args: E[K]) => void> } = {};

  /** Listen until the returned function is called. */
  on<K extends keyof E>(name: K, listener: (...args: E[K]) => void): () => void {
    const set = (this.#listeners[name] ??= new Set());
    set.add(listener);
    return () => set.delete(listener);
  }

  /** Call every listener in the order of registration; one that throws does not keep the event from the others. */
  emit<K extends keyof E>(name: K, ...args: E[K]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        reportError(error);
      }
    }
  }
}

function reportError(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
