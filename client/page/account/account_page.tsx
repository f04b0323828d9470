import { useEffect, useState } from "preact/hooks";
import { RequestError } from "../../src/index";
import type { Profile } from "../../src/wire.gen";
import { post } from "../api";
import { Mark } from "../parts/icons";
import { Notice, SignedOut } from "../parts/notice";
import { ThemeButton } from "../parts/theme_button";
import { followInside } from "../route";
import { LeavingSection } from "./leaving_section";
import { LinkedSection } from "./linked_section";
import { PasskeysSection } from "./passkeys_section";
import { ProfileSection } from "./profile_section";
import { SessionsSection } from "./sessions_section";
import { TokensSection } from "./tokens_section";

type Loading = { profile: Profile | null; error: RequestError | null };

/** The person's own account. */
export function AccountPage() {
  const [{ profile, error }, setLoading] = useState<Loading>({ profile: null, error: null });
  const load = (): void => {
    setLoading({ profile: null, error: null });
    post("accounts/profile", {}).then(
      (reply) => setLoading({ profile: reply, error: null }),
      (reason: RequestError) => setLoading({ profile: null, error: reason }),
    );
  };
  useEffect(() => {
    document.title = "Your account — FlashIO";
    load();
  }, []);
  if (error?.body.code === "unauthenticated") return <SignedOut />;
  if (error) {
    return (
      <Notice title="Your account did not load" action={{ label: "Try again", onClick: load }}>
        {error.message}
      </Notice>
    );
  }
  return (
    <div class="account">
      <header class="top-bar">
        <a class="brand" href="/" onClick={followInside} title="All projects">
          <Mark />
          <span class="brand-name">FlashIO</span>
        </a>
        <span class="spacer" />
        <ThemeButton />
      </header>
      <main>
        <h1>Your account</h1>
        {profile === null ? (
          <p class="muted">Loading…</p>
        ) : (
          <>
            <ProfileSection profile={profile} onChange={(changed) => setLoading({ profile: changed, error: null })} />
            {!profile.isGuest && <PasskeysSection />}
            {!profile.isGuest && <LinkedSection />}
            <SessionsSection />
            {!profile.isGuest && <TokensSection />}
            <LeavingSection />
          </>
        )}
      </main>
    </div>
  );
}
