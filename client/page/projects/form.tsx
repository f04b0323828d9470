import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Modal } from "../parts/dialogs";

interface FormDialogProps<T> {
  title: string;
  text: string;
  label: string;
  isDanger?: boolean;
  isWide?: boolean;
  isReady?: boolean;
  send: (values: FormData) => Promise<T>;
  settle: (answer: T | null) => void;
  children: ComponentChildren;
}

/** A dialog with a form that stays until the server took it, and says why when it did not. */
export function FormDialog<T>(props: FormDialogProps<T>) {
  const { title, text, label, isDanger = false, isWide = false, isReady = true, send, settle, children } = props;
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!isReady || isBusy) return;
    setBusy(true);
    setError("");
    send(new FormData(event.currentTarget as HTMLFormElement))
      .then(settle, (reason: unknown) => setError(reason instanceof Error ? reason.message : String(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <Modal title={title} text={text} isWide={isWide} onClose={() => settle(null)}>
      <form class="stack" onSubmit={submit}>
        {children}
        <p class="field-error" role="alert">
          {error}
        </p>
        <div class="dialog-buttons">
          <button class="button" type="button" onClick={() => settle(null)}>
            Cancel
          </button>
          <button class={`button ${isDanger ? "is-danger" : "is-primary"}`} disabled={!isReady || isBusy}>
            {label}
          </button>
        </div>
      </form>
    </Modal>
  );
}

interface FieldProps {
  name: string;
  label: string;
  value?: string;
  maxLength?: number;
  isNeeded?: boolean;
  hint?: string;
}

export function TextField({ name, label, value = "", maxLength = 255, isNeeded = false, hint }: FieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        class="input"
        name={name}
        defaultValue={value}
        maxLength={maxLength}
        required={isNeeded}
        autocomplete="off"
      />
      {hint && <small class="muted">{hint}</small>}
    </label>
  );
}

export function LongField({ name, label, value = "", maxLength = 2000 }: FieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <textarea class="input" name={name} rows={3} defaultValue={value} maxLength={maxLength} />
    </label>
  );
}

/** The words of a field that are divided by commas. */
export function wordsOf(values: FormData, name: string): string[] {
  return textOf(values, name)
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}

export function textOf(values: FormData, name: string): string {
  return String(values.get(name) ?? "").trim();
}
