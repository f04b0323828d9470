import { signal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { giveBackFocus } from "./focus";

interface Open {
  element: VNode;
  leave: () => void;
}

const dialog = signal<Open | null>(null);

/**
 * Put a dialog on screen until it settles; null when the person went back, or another dialog took its place.
 *
 * `draw` makes a component around `Modal`; it is called once.
 */
export function openDialog<T>(draw: (settle: (answer: T | null) => void) => VNode): Promise<T | null> {
  dialog.value?.leave();
  return new Promise((resolve) => {
    const settle = (answer: T | null): void => {
      if (dialog.value === open) dialog.value = null;
      resolve(answer);
    };
    const open: Open = { element: draw(settle), leave: () => settle(null) };
    dialog.value = open;
  });
}

/** Ask whether to do something that others feel. */
export async function confirmDanger(title: string, options: { text: string; label: string }): Promise<boolean> {
  const answer = await openDialog<true>((settle) => <ConfirmDialog title={title} {...options} settle={settle} />);
  return answer !== null;
}

/** Show a text that can be copied. */
export function showText(title: string, text: string, content: string): void {
  void openDialog((settle) => <TextDialog title={title} text={text} content={content} close={() => settle(null)} />);
}

export function Dialogs() {
  return dialog.value?.element ?? null;
}

interface ModalProps {
  title: string;
  text: string;
  onClose: () => void;
  isWide?: boolean;
  children: ComponentChildren;
}

/** A dialog of the browser's own; when it goes, the keyboard is back where it was. */
export function Modal({ title, text, onClose, isWide = false, children }: ModalProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const shown = element.current;
    shown?.showModal();
    return () => giveBackFocus(shown, before);
  }, []);
  return (
    <dialog ref={element} class={`dialog ${isWide ? "is-wide" : ""}`} aria-labelledby="dialog-title" onClose={onClose}>
      <h2 id="dialog-title">{title}</h2>
      <p>{text}</p>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  text: string;
  label: string;
  settle: (answer: true | null) => void;
}

function ConfirmDialog({ title, text, label, settle }: ConfirmProps) {
  return (
    <Modal title={title} text={text} onClose={() => settle(null)}>
      <div class="dialog-buttons">
        <button class="button" type="button" onClick={() => settle(null)}>
          Cancel
        </button>
        <button class="button is-danger" type="button" onClick={() => settle(true)}>
          {label}
        </button>
      </div>
    </Modal>
  );
}

function TextDialog(props: { title: string; text: string; content: string; close: () => void }) {
  const { title, text, content, close } = props;
  return (
    <Modal title={title} text={text} onClose={close} isWide>
      <textarea class="input reading" readOnly aria-label={title} rows={14} value={content} spellcheck={false} />
      <div class="dialog-buttons">
        <CopyButton text={content} />
        <button class="button is-primary" type="button" onClick={close}>
          Close
        </button>
      </div>
    </Modal>
  );
}

/** Copies a text, and says so. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [said, setSaid] = useState(label);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied"),
      () => setSaid("Copying is not allowed"), // the browser's settings; the text can be marked by hand
    );
  };
  return (
    <button class="button" type="button" onClick={copy}>
      <span role="status">{said}</span>
    </button>
  );
}
