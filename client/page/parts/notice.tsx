import type { ComponentChildren } from "preact";
import { followInside } from "../route";
import { Mark } from "./icons";

export interface NoticeAction {
  label: string;
  href?: string;
  onClick?: () => void;
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
        <a class="button is-primary" href={action.href} onClick={followInside}>
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
    <Notice title="You are signed out">
      Open the sign-in link that the server printed when it started, in this browser. It brings you back here.
    </Notice>
  );
}
