import { useEffect, useMemo, useState } from "preact/hooks";
import { projectAddress } from "../address";
import { Notice, SignedOut } from "../parts/notice";
import { go, route } from "../route";
import { PeoplePanel } from "../people/people_panel";
import { FarewellPage } from "./farewell_page";
import { FilePane } from "./file_pane";
import { FileTree } from "./file_tree";
import { TopBar } from "./top_bar";
import { nameOf } from "./tree";
import { Workspace } from "./workspace";

/** One project: its files, the open one, and who is there. */
export function ProjectPage({ projectId }: { projectId: string }) {
  const workspace = useMemo(() => new Workspace(projectId), [projectId]);
  const [isListOpen, setListOpen] = useState(false);
  const [isPeopleOpen, setPeopleOpen] = useState(false);
  const path = route.value.view === "project" ? route.value.path : null;
  useEffect(() => () => workspace.close(), [workspace]);
  useEffect(() => {
    workspace.showPath(path);
    setListOpen(false);
  }, [workspace, path]);
  useTitle(workspace);
  useMovedAddress(workspace);
  const refusal = workspace.refusal.value;
  if (refusal?.code === "unauthenticated") return <SignedOut />;
  if (refusal) {
    return (
      <Notice title="This project cannot be opened" action={{ label: "Show my projects", href: "/" }}>
        {refusal.message}
      </Notice>
    );
  }
  const farewell = workspace.farewell.value;
  if (farewell) return <FarewellPage farewell={farewell} onRetry={() => workspace.session.socket.connect()} />;
  return (
    <div class={`workspace ${isListOpen ? "has-list-open" : ""}`}>
      <TopBar
        workspace={workspace}
        isListOpen={isListOpen}
        onToggleList={() => setListOpen(!isListOpen)}
        isPeopleOpen={isPeopleOpen}
        onTogglePeople={() => setPeopleOpen(!isPeopleOpen)}
      />
      <FileTree workspace={workspace} onLeave={() => setListOpen(false)} />
      <div class="list-shade" onClick={() => setListOpen(false)} />
      <FilePane workspace={workspace} />
      {isPeopleOpen && <PeoplePanel workspace={workspace} onClose={() => setPeopleOpen(false)} />}
    </div>
  );
}

function useTitle(workspace: Workspace): void {
  const file = workspace.openFile.value;
  const names = [file && nameOf(file.path.value), workspace.project.value?.name, "FlashIO"].filter(Boolean);
  const mark = file && ["unsaved", "offline"].includes(file.light.value.tone) ? "• " : "";
  const title = mark + names.join(" — ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** The address follows a file that is moved while it is open. */
function useMovedAddress(workspace: Workspace): void {
  const moved = workspace.openFile.value?.path.value ?? null;
  useEffect(() => {
    if (moved !== null) go(projectAddress(workspace.projectId, moved), { replace: true });
  }, [workspace, moved]);
}
