import { Problem } from "../parts/attempt";
import { CloseIcon } from "../parts/icons";
import { byteSize } from "../words";
import { nameOf } from "./tree";
import type { Upload } from "./upload";
import type { Uploads } from "./uploads";

/** Uploads with their progress, and what can be done about those that do not go on. */
export function UploadList({ uploads }: { uploads: Uploads }) {
  const all = uploads.all.value;
  if (all.length === 0) return null;
  const done = all.filter(({ isOver }) => isOver.value).length;
  const clear = (): void => {
    for (const upload of all.filter(({ isOver }) => isOver.value)) void uploads.drop(upload);
  };
  return (
    <section class="uploads" aria-label="Uploads">
      <header class="uploads-head">
        <h3>
          <span role="status">
            {done} of {all.length} uploaded
          </span>
        </h3>
        {done > 0 && (
          <button class="link-button" type="button" onClick={clear}>
            Clear
          </button>
        )}
      </header>
      <ul>
        {all.map((upload, at) => (
          <UploadRow key={at} uploads={uploads} upload={upload} />
        ))}
      </ul>
    </section>
  );
}

function UploadRow({ uploads, upload }: { uploads: Uploads; upload: Upload }) {
  const { file, path } = upload;
  const state = upload.state.value;
  const name = nameOf(path);
  return (
    <li class="upload">
      <div class="upload-head">
        <span class="upload-name" title={path}>
          {name}
        </span>
        <small class="muted">{said(upload)}</small>
        <button
          class="icon-button is-small"
          type="button"
          aria-label={state === "done" ? `Hide ${name}` : `Cancel the upload of ${name}`}
          onClick={() => void uploads.drop(upload)}
        >
          <CloseIcon />
        </button>
      </div>
      {state !== "done" && state !== "clash" && (
        <progress
          class="progress"
          aria-label={`Upload of ${name}`}
          max={Math.max(1, file.size)}
          value={upload.sentBytes.value}
        />
      )}
      <Problem text={upload.problem.value} />
      <Ways uploads={uploads} upload={upload} />
    </li>
  );
}

function Ways({ uploads, upload }: { uploads: Uploads; upload: Upload }) {
  const name = nameOf(upload.path);
  const ways: [label: string, run: () => void][] = [];
  switch (upload.state.value) {
    case "clash":
      if (upload.canReplace) ways.push(["Replace it", () => uploads.replace(upload)]);
      ways.push(["Keep both", () => uploads.keepBoth(upload)]);
      break;
    case "sending":
      ways.push(["Pause", () => void upload.pause()]);
      break;
    case "paused":
    case "stopped":
    case "failed":
      ways.push([upload.sentBytes.value > 0 ? "Go on" : "Try again", () => uploads.goOn(upload)]);
  }
  return (
    <div class="upload-ways">
      {ways.map(([label, run]) => (
        <button key={label} class="link-button" type="button" aria-label={`${label}: ${name}`} onClick={run}>
          {label}
        </button>
      ))}
    </div>
  );
}

function said({ state, sentBytes, file }: Upload): string {
  switch (state.value) {
    case "done":
      return byteSize(file.size);
    case "waiting":
      return "waiting";
    case "clash":
      return "";
    default:
      return file.size === 0 ? "" : `${Math.floor((100 * sentBytes.value) / file.size)} %`;
  }
}
