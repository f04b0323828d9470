import { useEffect, useState } from "preact/hooks";
import { type Light, lightOf } from "./light";
import type { Workspace } from "./workspace";

/** The light of the open file, else of the connection and what it allows. */
export function StatusLight({ workspace }: { workspace: Workspace }) {
  const file = workspace.openFile.value;
  const entry = file && workspace.entryOf(file.path.value);
  const isDocument = file !== null && !entry?.isBinary && !entry?.isSymlink;
  const light = isDocument ? file.light.value : projectLight(workspace);
  const spoken = useSpoken(light);
  if (!light) return null;
  return (
    <div class={`light is-${light.tone}`} data-status={light.tone} title={light.meaning}>
      <span class="light-dot" aria-hidden="true" />
      <span class="light-word">{light.word}</span>
      <span class="visually-hidden">: {light.meaning}</span>
      <span class="visually-hidden" role="status">
        {spoken}
      </span>
    </div>
  );
}

function projectLight(workspace: Workspace): Light | null {
  if (workspace.isOffline.value) return lightOf("offline", null, false);
  const project = workspace.project.value;
  if (!project) return lightOf("connecting", null, false);
  return project.canWrite ? null : lightOf("saved", "read", false);
}

/** Screen readers are told of troubles and of their end, not of each save. */
function useSpoken(light: Light | null): string {
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    if (!light || light.tone === "busy") return;
    const isTrouble = light.tone !== "saved";
    setSpoken((before) => (isTrouble ? light.meaning : before === "" ? "" : light.word));
  }, [light?.tone]);
  return spoken;
}
