import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Ask {
  kind: "path" | "confirm";
  title: string;
  text: string;
  label: string;
  initial: string;
  isDanger: boolean;
  settle: (answer: string | null) => void;
}

interface Reading {
  kind: "text";
  title: string;
  text: string;
  content: string;
}

const dialog = signal<Ask | Reading | null>(null);

/** Ask for a path; null when the person went back. */
export function askPath(
  title: string,
  options: { text: string; label: string; initial?: string },
): Promise<string | null> {
  return ask({ kind: "path", title, initial: "", isDanger: false, ...options });
}

/** Ask whether to do something that cannot be undone. */
export async function confirmDanger(title: string, options: { text: string; label: string }): Promise<boolean> {
  return (await ask({ kind: "confirm", title, initial: "", isDanger: true, ...options })) !== null;
}

/** Show a text that can be copied. */
export function showText(title: string, text: string, content: string): void {
  dialog.value = { kind: "text", title, text, content };
}

function ask(question: Omit<Ask, "settle">): Promise<string | null> {
  return new Promise((resolve) => {
    dialog.value = {
      ...question,
      settle: (answer) => {
        dialog.value = null;
        resolve(answer);
      },
    };
  });
}

export function Dialogs() {
  const open = dialog.value;
  if (!open) return null;
  return open.kind === "text" ? <TextDialog {...open} /> : <AskDialog {...open} />;
}

function AskDialog({ kind, title, text, label, initial, isDanger, settle }: Ask) {
  const [value, setValue] = useState(initial);
  const answer = value.trim();
  return (
    <Modal title={title} text={text} onClose={() => settle(null)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (kind === "confirm" || answer) settle(answer);
        }}
      >
        {kind === "path" && <PathInput value={value} onInput={setValue} />}
        <div class="dialog-buttons">
          <button class="button" type="button" onClick={() => settle(null)}>
            Cancel
          </button>
          <button class={`button ${isDanger ? "is-danger" : "is-primary"}`} disabled={kind === "path" && !answer}>
            {label}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** Starts with the file's name selected, without its folders and its ending. */
function PathInput({ value, onInput }: { value: string; onInput: (value: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const name = value.lastIndexOf("/") + 1;
    const ending = value.indexOf(".", name + 1);
    input.current?.focus();
    input.current?.setSelectionRange(name, ending < 0 ? value.length : ending);
  }, []);
  return (
    <input
      ref={input}
      class="input"
      aria-label="Path"
      spellcheck={false}
      autocapitalize="off"
      autocomplete="off"
      maxLength={1024}
      placeholder="src/name.py"
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

function TextDialog({ title, text, content }: Reading) {
  const [isCopied, setCopied] = useState(false);
  const close = (): void => {
    dialog.value = null;
  };
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(content);
    setCopied(true);
  };
  return (
    <Modal title={title} text={text} onClose={close} isWide>
      <textarea class="input reading" readOnly aria-label={title} rows={14} value={content} spellcheck={false} />
      <div class="dialog-buttons">
        <button class="button" type="button" autofocus onClick={() => void copy().catch(() => setCopied(false))}>
          {isCopied ? "Copied" : "Copy"}
        </button>
        <button class="button is-primary" type="button" onClick={close}>
          Close
        </button>
      </div>
    </Modal>
  );
}

interface ModalProps {
  title: string;
  text: string;
  onClose: () => void;
  isWide?: boolean;
  children: ComponentChildren;
}

function Modal({ title, text, onClose, isWide = false, children }: ModalProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} class={`dialog ${isWide ? "is-wide" : ""}`} aria-labelledby="dialog-title" onClose={onClose}>
      <h2 id="dialog-title">{title}</h2>
      <p>{text}</p>
      {children}
    </dialog>
  );
}
