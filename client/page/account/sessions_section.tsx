import type { Session } from "../../src/wire.gen";
import { post } from "../api";
import { confirmDanger } from "../parts/dialogs";
import { age } from "../words";
import { useListing } from "./listing";
import { Rows, Section } from "./section";
import { browserName } from "./user_agents";

const WAYS: Record<string, string> = {
  email: "by mail",
  link: "by the server's link",
  passkey: "with a passkey",
  github: "with GitHub",
  google: "with Google",
  oidc: "by single sign-on",
};

/** Where the person is signed in. */
export function SessionsSection() {
  const { rows, change } = useListing("Your sign-ins did not load.", allSessions);
  const end = (session: Session): Promise<boolean> =>
    change("This sign-in was not ended.", () => post("accounts/revoke_session", { id: session.id }));
  const endOthers = async (): Promise<void> => {
    const isSure = await confirmDanger("Sign out everywhere else?", {
      text: "Every other browser is signed out at once, and editors that are open there close. Tokens stay.",
      label: "Sign out everywhere else",
    });
    if (isSure) await change("You are not signed out there.", () => post("accounts/sign_out_everywhere", {}));
  };
  return (
    <Section id="sessions" title="Where you are signed in">
      <Rows rows={rows} label="Sign-ins" empty="Nowhere by a sign-in of this server.">
        {(session) => (
          <>
            <div class="listed-text">
              <strong>
                {browserName(session.userAgent)}
                {session.isThis && <span class="badge">this browser</span>}
              </strong>
              <small class="muted">{story(session)}</small>
            </div>
            {session.isThis ? (
              <form method="post" action="/signout">
                <button class="button">Sign out</button>
              </form>
            ) : (
              <button
                class="button"
                type="button"
                aria-label={`Sign out ${browserName(session.userAgent)}, ${story(session)}`}
                onClick={() => void end(session)}
              >
                Sign out
              </button>
            )}
          </>
        )}
      </Rows>
      {rows !== null && !rows.some((session) => session.isThis) && <SignOutHere />}
      {(rows?.length ?? 0) > 1 && (
        <div class="form-buttons">
          <button class="button is-danger" type="button" onClick={() => void endOthers()}>
            Sign out everywhere else
          </button>
        </div>
      )}
    </Section>
  );
}

/** For who is signed in here by another program: that sign-in is in no list of this server. */
function SignOutHere() {
  return (
    <form class="form-buttons" method="post" action="/signout">
      <button class="button">Sign out of this browser</button>
    </form>
  );
}

function story({ method, address, createdAt, lastSeenAt }: Session): string {
  const way = method === null ? "" : ` ${WAYS[method] ?? `with ${method}`}`;
  const place = address === null ? "" : ` from ${address}`;
  const used = lastSeenAt === null ? "" : `, used ${age(lastSeenAt)}`;
  return `Signed in${way}${place} ${age(createdAt)}${used}`;
}

async function allSessions(): Promise<Session[]> {
  const sessions: Session[] = [];
  for (let after: string | null = null; ;) {
    const page: { sessions: Session[]; next: string | null } = await post("accounts/sessions", { after });
    sessions.push(...page.sessions);
    after = page.next;
    if (after === null) return sessions.sort((a, b) => Number(b.isThis) - Number(a.isThis));
  }
}
