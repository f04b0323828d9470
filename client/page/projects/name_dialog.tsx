import type { Project } from "../../src/wire.gen";
import { FormDialog, TextField, textOf } from "./form";

interface NameDialogProps {
  title: string;
  text: string;
  label: string;
  initial: string;
  send: (name: string) => Promise<Project>;
  settle: (made: Project | null) => void;
}

/** Asks for the name of a project, and makes it. */
export function NameDialog({ title, text, label, initial, send, settle }: NameDialogProps) {
  return (
    <FormDialog title={title} text={text} label={label} send={(values) => send(textOf(values, "name"))} settle={settle}>
      <TextField name="name" label="Name" value={initial} isNeeded />
    </FormDialog>
  );
}
