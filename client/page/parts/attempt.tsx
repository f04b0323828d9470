import { useRef, useState } from "preact/hooks";

export interface Attempt {
  /** What went wrong last, else null. */
  problem: string | null;
  /** Do something that may fail; nothing while the last is under way. Buttons stay enabled, to keep the focus. */
  attempt: (action: () => Promise<unknown>) => void;
  /** Forget what went wrong. */
  forget: () => void;
}

/** For parts whose actions may fail: what went wrong is shown beside them, by `Problem`. */
export function useAttempt(): Attempt {
  const [problem, setProblem] = useState<string | null>(null);
  const isBusy = useRef(false);
  const attempt = (action: () => Promise<unknown>): void => {
    if (isBusy.current) return;
    isBusy.current = true;
    setProblem(null);
    action()
      .catch((reason: unknown) => setProblem(reason instanceof Error ? reason.message : String(reason)))
      .finally(() => (isBusy.current = false));
  };
  return { problem, attempt, forget: () => setProblem(null) };
}

export function Problem({ text, id }: { text: string | null; id?: string }) {
  return (
    <p class="field-error" role="alert" {...(id !== undefined && { id })}>
      {text}
    </p>
  );
}
