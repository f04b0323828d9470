import type { Ending } from "../../src/index";
import { CopyButton } from "../parts/dialogs";
import { CloseIcon } from "../parts/icons";
import { keptCopy, shownWords, viewKept } from "./losses";
import type { OpenFile } from "./open_file";
import type { Workspace } from "./workspace";

/** What the person typed and the server did not take, above the text that lacks it. */
export function LostNotes({ workspace, file }: { workspace: Workspace; file: OpenFile }) {
  return (
    <>
      {file.losses.value.map((loss, at) => (
        <LostNote key={loss.recoveryId ?? at} workspace={workspace} file={file} loss={loss} />
      ))}
    </>
  );
}

function LostNote({ workspace, file, loss }: { workspace: Workspace; file: OpenFile; loss: Ending }) {
  const kept = keptCopy(file.path.value, loss);
  return (
    <section class="lost" role="alert" aria-label="Not taken">
      <div class="lost-text">
        <p>{loss.message}</p>
        <p>{loss.words === null ? "Your last change was not taken." : "These words of yours were not taken:"}</p>
        {loss.words !== null && <pre class="lost-words">{shownWords(loss.words)}</pre>}
      </div>
      <div class="lost-buttons">
        {loss.words !== null && <CopyButton text={loss.words} label="Copy the words" />}
        {kept && (
          <button class="button" type="button" onClick={() => void viewKept(kept, workspace.session)}>
            View my text
          </button>
        )}
      </div>
      <button class="icon-button" type="button" aria-label="Dismiss" onClick={() => file.dismiss(loss)}>
        <CloseIcon />
      </button>
    </section>
  );
}
