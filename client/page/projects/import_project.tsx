import { useEffect, useState } from "preact/hooks";
import type { ImportProgress } from "../../src/wire.gen";
import { projectAddress } from "../address";
import { Modal, openDialog } from "../parts/dialogs";
import { show } from "../parts/toasts";
import { go } from "../route";
import { byteSize } from "../words";
import { ArchiveImport, nameOfArchive, remarks } from "./archive_import";
import { textOf } from "./form";

const ACCEPTED = ".zip,.tar,.tar.gz,.tgz,application/zip,application/gzip,application/x-tar";

/** Ask for an archive, make a project of it, and go there. */
export async function importProject(): Promise<void> {
  const progress = await openDialog<ImportProgress>((settle) => <ImportProject settle={settle} />);
  if (!progress?.projectId) return;
  const said = remarks(progress);
  if (said) show({ kind: "info", text: said });
  go(projectAddress(progress.projectId));
}

function ImportProject({ settle }: { settle: (made: ImportProgress | null) => void }) {
  const [archive] = useState(() => new ArchiveImport());
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  useEffect(() => () => archive.leave(), [archive]);
  const isBusy = archive.isBusy.value;
  const choose = (chosen: File | undefined): void => {
    setFile(chosen ?? null);
    if (chosen)
      setName((known) =>
        known === "" || known === (file && nameOfArchive(file.name)) ? nameOfArchive(chosen.name) : known,
      );
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!file || isBusy) return;
    const values = new FormData(event.currentTarget as HTMLFormElement);
    const options = {
      name: textOf(values, "name"),
      takesEverything: values.has("everything"),
      keepsCaseClashes: values.has("keepCaseClashes"),
    };
    if (await archive.start(file, options)) settle(archive.progress.value);
  };
  return (
    <Modal
      title="Import a project"
      text="A zip, tar or tar.gz archive becomes a project of your own: all of it, or nothing."
      onClose={() => settle(null)}
    >
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <fieldset class="stack import-fields" disabled={isBusy}>
          <legend class="visually-hidden">What to import</legend>
          <label class="field">
            <span>Archive</span>
            <input
              class="input"
              type="file"
              name="archive"
              accept={ACCEPTED}
              required
              onChange={(event) => choose(event.currentTarget.files?.[0])}
            />
          </label>
          {file && <small class="muted">{byteSize(file.size)}</small>}
          <label class="field">
            <span>Name</span>
            <input
              class="input"
              name="name"
              value={name}
              maxLength={255}
              required
              autocomplete="off"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <label class="check">
            <input type="checkbox" name="everything" />
            Also take .git, node_modules and what .gitignore names
          </label>
          <label class="check">
            <input type="checkbox" name="keepCaseClashes" />
            Keep names that differ only by case
          </label>
        </fieldset>
        <Progress archive={archive} />
        <div class="dialog-buttons">
          <button class="button" type="button" onClick={() => settle(null)}>
            Cancel
          </button>
          <button class="button is-primary" disabled={!file || !name.trim() || isBusy}>
            Import
          </button>
        </div>
      </form>
    </Modal>
  );
}

function Progress({ archive }: { archive: ArchiveImport }) {
  const phase = archive.phase.value;
  const progress = archive.progress.value;
  const isKnown = phase === "sending" || (progress !== null && progress.filesTotal > 0);
  return (
    <div class="import-progress">
      {archive.isBusy.value && (
        <progress
          class="progress"
          aria-label={phase === "sending" ? "Sent" : "Unpacked"}
          max={1}
          {...(isKnown && { value: phase === "sending" ? archive.sentFraction.value : unpacked(progress) })}
        />
      )}
      <p class={phase === "refused" ? "field-error" : "muted"} role={phase === "refused" ? "alert" : "status"}>
        {said(archive)}
      </p>
    </div>
  );
}

function unpacked(progress: ImportProgress | null): number {
  if (!progress) return 0;
  return progress.bytesTotal > 0 ? progress.bytes / progress.bytesTotal : progress.files / progress.filesTotal;
}

function said(archive: ArchiveImport): string {
  const progress = archive.progress.value;
  switch (archive.phase.value) {
    case "sending":
      return `Sending… ${Math.round(archive.sentFraction.value * 100)} %`;
    case "unpacking":
      if (!progress || progress.filesTotal === 0) return "Looking through the archive…";
      if (progress.state === "placing") return `Putting ${progress.filesTotal} files in their places…`;
      return `Unpacking… ${progress.files} of ${progress.filesTotal} files`;
    case "refused":
      return archive.reason.value;
    default:
      return "";
  }
}
