import { useState } from "preact/hooks";
import type { Profile } from "../../src/wire.gen";
import { post } from "../api";
import { show, showError } from "../parts/toasts";
import { initials } from "../words";
import { Section } from "./section";

/** The name and the colour that others see. */
export function ProfileSection({ profile, onChange }: { profile: Profile; onChange: (changed: Profile) => void }) {
  const [displayName, setDisplayName] = useState(profile.name);
  const [color, setColor] = useState(profile.color);
  const isChanged = displayName.trim() !== profile.name || color !== profile.color;
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      onChange(await post("accounts/update_profile", { displayName, color }));
      show({ kind: "info", text: "Saved. Pages that are open show it after a reload." });
    } catch (error) {
      showError("Your profile was not saved.", error);
    }
  };
  return (
    <Section id="profile" title="Profile">
      <form class="account-form" onSubmit={(event) => void save(event)}>
        <div class="profile-line">
          <span class="person is-large" style={{ "--person": color }} aria-hidden="true">
            {initials(displayName)}
          </span>
          <label class="field">
            Name, as others see it
            <input
              class="input"
              value={displayName}
              maxLength={100}
              required
              autocomplete="nickname"
              onInput={(event) => setDisplayName(event.currentTarget.value)}
            />
          </label>
        </div>
        <fieldset class="colors">
          <legend>Colour of your cursor</legend>
          {profile.colors.map((offered, number) => (
            <label key={offered} class="color" style={{ "--person": offered }} title={offered}>
              <input type="radio" name="color" checked={offered === color} onChange={() => setColor(offered)} />
              <span class="visually-hidden">Colour {number + 1}</span>
            </label>
          ))}
        </fieldset>
        {profile.email && (
          <p class="muted">
            E-mail address: {profile.email}
            {!profile.isEmailVerified && " (not confirmed yet: sign in by mail once)"}
          </p>
        )}
        <div class="form-buttons">
          <button class="button is-primary" disabled={!isChanged || !displayName.trim()}>
            Save
          </button>
          {profile.isGuest ? null : (
            <a class="button" href="/account/export" download>
              Download all of my data
            </a>
          )}
        </div>
      </form>
    </Section>
  );
}
