import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, useAttempt } from "./attempt";
import { Modal, openDialog } from "./dialogs";

interface PathQuestion {
  text: string;
  label: string;
  initial?: string;
  /** What is done with the path; what it throws is told in the dialog, which stays open for another try. */
  submit: (path: string) => Promise<unknown>;
}

/** Ask for a path until `submit` takes one; true then, false when the person went back. */
export async function askPath(title: string, question: PathQuestion): Promise<boolean> {
  const answer = await openDialog<true>((settle) => <PathDialog title={title} {...question} settle={settle} />);
  return answer !== null;
}

interface PathDialogProps extends PathQuestion {
  title: string;
  settle: (answer: true | null) => void;
}

function PathDialog({ title, text, label, initial = "", submit, settle }: PathDialogProps) {
  const [value, setValue] = useState(initial);
  const { problem, attempt, forget } = useAttempt();
  const path = value.trim();
  const tryIt = (event: Event): void => {
    event.preventDefault();
    if (!path) return;
    attempt(async () => {
      await submit(path);
      settle(true);
    });
  };
  const change = (changed: string): void => {
    setValue(changed);
    forget();
  };
  return (
    <Modal title={title} text={text} onClose={() => settle(null)}>
      <form onSubmit={tryIt}>
        <PathInput value={value} problem={problem} onInput={change} />
        <div class="dialog-buttons">
          <button class="button" type="button" onClick={() => settle(null)}>
            Cancel
          </button>
          <button class="button is-primary" disabled={!path}>
            {label}
          </button>
        </div>
      </form>
    </Modal>
  );
}

interface PathInputProps {
  value: string;
  problem: string | null;
  onInput: (value: string) => void;
}

/** Starts with the file's name selected, without its folders and its ending. */
function PathInput({ value, problem, onInput }: PathInputProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const name = value.lastIndexOf("/") + 1;
    const ending = value.indexOf(".", name + 1);
    input.current?.focus();
    input.current?.setSelectionRange(name, ending < 0 ? value.length : ending);
  }, []);
  return (
    <>
      <input
        ref={input}
        class="input is-code"
        aria-label="Path"
        aria-invalid={problem !== null}
        aria-describedby="path-error"
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        maxLength={1024}
        placeholder="src/name.py"
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <Problem id="path-error" text={problem} />
    </>
  );
}
