import { AccountLink } from "../parts/account_link";
import { ListIcon, Mark } from "../parts/icons";
import { ThemeButton } from "../parts/theme_button";
import { followInside } from "../route";
import { People } from "./people";
import { StatusLight } from "./status_light";
import type { Workspace } from "./workspace";

export function TopBar(props: { workspace: Workspace; isListOpen: boolean; onToggleList: () => void }) {
  const { workspace, isListOpen, onToggleList } = props;
  return (
    <header class="top-bar">
      <button
        class="icon-button list-toggle"
        type="button"
        aria-label="Files"
        aria-expanded={isListOpen}
        onClick={onToggleList}
      >
        <ListIcon />
      </button>
      <a class="brand" href="/" onClick={followInside} title="All projects">
        <Mark />
        <span class="brand-name">{workspace.project.value?.name ?? "FlashIO"}</span>
      </a>
      <span class="spacer" />
      <StatusLight workspace={workspace} />
      <People workspace={workspace} />
      <AccountLink />
      <ThemeButton />
    </header>
  );
}
