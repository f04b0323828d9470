import { followInside } from "../route";
import { AccountIcon } from "./icons";

export function AccountLink() {
  return (
    <a class="icon-button" href="/account" aria-label="Your account" title="Your account" onClick={followInside}>
      <AccountIcon />
    </a>
  );
}
