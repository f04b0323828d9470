import { AccountLink } from "../parts/account_link";
import { ListIcon, Mark, PeopleIcon } from "../parts/icons";
import { ThemeButton } from "../parts/theme_button";
import { followInside } from "../route";
import { People } from "./people";
import { StatusLight } from "./status_light";
import type { Workspace } from "./workspace";

interface TopBarProps {
  workspace: Workspace;
  isListOpen: boolean;
  onToggleList: () => void;
  isPeopleOpen: boolean;
  onTogglePeople: () => void;
}

export function TopBar({ workspace, isListOpen, onToggleList, isPeopleOpen, onTogglePeople }: TopBarProps) {
  const label = workspace.may("invite") ? "Share" : "People";
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
      <button
        class="button share"
        type="button"
        aria-label={label}
        title={label}
        aria-expanded={isPeopleOpen}
        onClick={onTogglePeople}
      >
        <PeopleIcon />
        <span class="share-word">{label}</span>
      </button>
      <AccountLink />
      <ThemeButton />
    </header>
  );
}
