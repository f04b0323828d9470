import { useEffect, useState } from "preact/hooks";
import { RequestError } from "../../src/index";
import type { Offer } from "../../src/wire.gen";
import { projectAddress, signInAddress } from "../address";
import { post } from "../api";
import { Mark } from "../parts/icons";
import { Notice } from "../parts/notice";
import { show } from "../parts/toasts";
import { followInside, go } from "../route";
import { until } from "../words";
import { GIVEN_ROLES, roleLabel } from "./roles";

/** What the link of an invitation opens. Nothing happens before a button is pressed: programs that scan mails look. */
export function InvitePage({ secret }: { secret: string }) {
  const [offer, setOffer] = useState<Offer | null>(null);
  const [error, setError] = useState<RequestError | null>(null);
  const load = (): void => {
    setError(null);
    post("collaborators/offer", { secret }).then(setOffer, setError);
  };
  useEffect(() => {
    document.title = "Invitation — FlashIO";
    load();
  }, [secret]);
  if (error?.body.code === "unauthenticated") return <SignInFirst />;
  if (error) return <NotThere error={error} onRetry={load} />;
  if (!offer) return <main class="notice" aria-busy="true" />;
  return offer.ownRole === null ? <Invitation secret={secret} offer={offer} /> : <Member offer={offer} />;
}

function SignInFirst() {
  return (
    <Notice title="You are invited" action={{ label: "Sign in", href: signInAddress(), isElsewhere: true }}>
      Sign in to see the invitation; you come back here.
    </Notice>
  );
}

function NotThere({ error, onRetry }: { error: RequestError; onRetry: () => void }) {
  const action = error.body.retry ? { label: "Try again", onClick: onRetry } : { label: "Show my projects", href: "/" };
  return (
    <Notice title="This invitation cannot be shown" action={action}>
      {error.message}
    </Notice>
  );
}

function Member({ offer: { projectId, projectName, ownRole } }: { offer: Offer }) {
  return (
    <Notice title={`You are in ${projectName} already`} action={{ label: "Open it", href: projectAddress(projectId) }}>
      {ownRole && `As ${roleLabel(ownRole).toLowerCase()}. The invitation is left for somebody else.`}
    </Notice>
  );
}

function Invitation({ secret, offer }: { secret: string; offer: Offer }) {
  const { projectName, role, inviter, email, expiresAt } = offer;
  const [error, setError] = useState<RequestError | null>(null);
  const meaning = GIVEN_ROLES.find((known) => known.role === role)?.meaning;
  const accept = (): void => {
    setError(null);
    post("collaborators/accept", { secret }).then(
      ({ projectId }) => go(projectAddress(projectId), { replace: true }), // the secret stays out of the history
      setError,
    );
  };
  const decline = (): void => {
    setError(null);
    post("collaborators/decline", { secret }).then(() => {
      show({ kind: "info", text: `You declined the invitation to ${projectName}.` });
      go("/", { replace: true });
    }, setError);
  };
  return (
    <main class="notice">
      <Mark />
      <h1>
        {inviter ?? "Somebody"} invites you to {projectName}
      </h1>
      <p>
        As {roleLabel(role).toLowerCase()}: who is one {meaning}. The invitation ends {until(expiresAt)}.
      </p>
      {error && <Refused error={error} />}
      <div class="notice-buttons">
        <button class="button is-primary" type="button" onClick={accept}>
          Join the project
        </button>
        {email === null ? (
          <a class="button" href="/" onClick={followInside}>
            Not now
          </a>
        ) : (
          <button class="button" type="button" onClick={decline}>
            Decline
          </button>
        )}
      </div>
    </main>
  );
}

/** Another address, or a guest: signing in as somebody else may help. */
function Refused({ error }: { error: RequestError }) {
  return (
    <p class="field-error" role="alert">
      {error.message} {error.body.code === "forbidden" && <a href={signInAddress()}>Sign in as somebody else</a>}
    </p>
  );
}
