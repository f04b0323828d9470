import type { ComponentChildren } from "preact";
import { signInAddress } from "../address";
import { followInside } from "../route";
import { Mark } from "./icons";

export interface NoticeAction {
  label: string;
  href?: string;
  onClick?: () => void;
  /** Another page than this one: the browser goes there. */
  isElsewhere?: boolean;
}

/** A whole page that says one thing, and what to do next. */
export function Notice(props: { title: string; children: ComponentChildren; action?: NoticeAction }) {
  const { title, children, action } = props;
  return (
    <main class="notice">
      <Mark />
      <h1>{title}</h1>
      <p>{children}</p>
      {action?.href !== undefined && (
        <a class="button is-primary" href={action.href} {...(!action.isElsewhere && { onClick: followInside })}>
          {action.label}
        </a>
      )}
      {action?.onClick && (
        <button class="button is-primary" type="button" onClick={action.onClick}>
          {action.label}
        </button>
      )}
    </main>
  );
}

export function SignedOut() {
  return (
    <Notice title="You are signed out" action={{ label: "Sign in", href: signInAddress(), isElsewhere: true }}>
      Sign in, and you come back here.
    </Notice>
  );
}
