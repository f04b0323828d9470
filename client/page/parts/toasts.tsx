import { signal } from "@preact/signals";
import { RequestError } from "../../src/index";
import { CloseIcon } from "./icons";

export interface Toast {
  kind: "info" | "error";
  text: string;
  action?: { label: string; run: () => void };
  /** Leaves by itself although it has an action: what the action does can be done elsewhere, too. */
  isPassing?: boolean;
}

const INFO_MS = 5_000;
const PASSING_MS = 15_000; // long enough to read the message and reach its button
const MAX_TOASTS = 4; // the oldest leaves; more would hide the text

const toasts = signal<(Toast & { id: number })[]>([]);
let lastId = 0;

/** Show a message; errors, and messages with an action that nothing else offers, stay until dismissed. */
export function show(toast: Toast): void {
  const id = ++lastId;
  const others = toasts.value.filter((other) => other.text !== toast.text);
  toasts.value = [...others, { ...toast, id }].slice(-MAX_TOASTS);
  if (toast.isPassing) setTimeout(() => dismiss(id), PASSING_MS);
  else if (toast.kind === "info" && !toast.action) setTimeout(() => dismiss(id), INFO_MS);
}

/** Show what went wrong and what can be done about it. */
export function showError(what: string, error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  const advice = error instanceof RequestError && error.body.retry ? " It can be tried again." : "";
  show({ kind: "error", text: `${what} ${detail}${advice}` });
}

/** Take back a message that another one says better. */
export function withdraw(text: string): void {
  toasts.value = toasts.value.filter((toast) => toast.text !== text);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <ol class="toasts" aria-label="Messages">
      {toasts.value.map(({ id, kind, text, action }) => (
        <li key={id} class={`toast is-${kind}`} role={kind === "error" ? "alert" : "status"}>
          <p>{text}</p>
          {action && (
            <button
              class="button"
              type="button"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button class="icon-button" type="button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <CloseIcon />
          </button>
        </li>
      ))}
    </ol>
  );
}
