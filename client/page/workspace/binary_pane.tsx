import { useState } from "preact/hooks";
import type { FileEntry } from "../../src/wire.gen";
import { contentAddress, projectAddress } from "../address";
import { EmptyIcon } from "../parts/icons";
import { followInside } from "../route";
import { age, byteSize } from "../words";
import { nameOf, resolved } from "./tree";
import type { Workspace } from "./workspace";

const SHOWN_TYPES = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
  "image/bmp",
  "image/x-icon",
]);
const MAX_SHOWN_BYTES = 25_000_000; // a larger image is decoded on request only: it may stop the page for seconds

/** A file that is no text: its image where it is one, what is known of it, and a way to have it. */
export function BinaryPane({ workspace, file }: { workspace: Workspace; file: FileEntry }) {
  return (
    <div class="card-pane">
      {isShown(file) && <Preview key={file.checksum} workspace={workspace} file={file} />}
      <section class="file-card" aria-label={`About ${nameOf(file.path)}`}>
        {!isShown(file) && <EmptyIcon />}
        <h2>{nameOf(file.path)}</h2>
        <dl>
          <dt>Type</dt>
          <dd>{file.mimeType ?? "unknown"}</dd>
          <dt>Size</dt>
          <dd>{byteSize(file.size)}</dd>
          <dt>Changed</dt>
          <dd>{age(file.updatedAt)}</dd>
        </dl>
        <button class="button is-primary" type="button" onClick={() => workspace.actions.download(file.path)}>
          Download
        </button>
      </section>
    </div>
  );
}

/** A symbolic link: data that names another path. */
export function LinkPane({ workspace, file }: { workspace: Workspace; file: FileEntry }) {
  const target = resolved(file.path, file.symlinkTarget ?? "");
  const isThere = workspace.entryOf(target) !== null;
  return (
    <div class="card-pane">
      <section class="file-card" aria-label={`About ${nameOf(file.path)}`}>
        <EmptyIcon />
        <h2>{nameOf(file.path)}</h2>
        <p>
          A link to <code>{file.symlinkTarget}</code>
          {!isThere && ", where nothing is now"}.
        </p>
        {isThere && (
          <a class="button is-primary" href={projectAddress(workspace.projectId, target)} onClick={followInside}>
            Open {nameOf(target)}
          </a>
        )}
      </section>
    </div>
  );
}

function isShown({ mimeType, size }: FileEntry): boolean {
  return mimeType !== null && SHOWN_TYPES.has(mimeType) && size <= MAX_SHOWN_BYTES;
}

/** The checksum in the address makes the browser look again when the bytes are others. */
function Preview({ workspace, file }: { workspace: Workspace; file: FileEntry }) {
  const [isBroken, setBroken] = useState(false);
  const address = `${contentAddress(workspace.projectId, file.path)}?v=${file.checksum ?? ""}`;
  if (isBroken) return <p class="muted">This image cannot be shown here. Download it to look at it.</p>;
  return <img class="preview" src={address} alt={`Content of ${nameOf(file.path)}`} onError={() => setBroken(true)} />;
}
