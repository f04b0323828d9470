import { useState } from "preact/hooks";
import type { Profile } from "../../src/wire.gen";
import { post } from "../api";
import { show, showError } from "../parts/toasts";
import { initials } from "../words";
import { Section } from "./section";

const COLOR_NAMES: Record<string, string> = {
  "#b3261e": "red",
  "#8a5000": "brown",
  "#5f6300": "olive",
  "#2e6b27": "green",
  "#00696d": "teal",
  "#00639b": "blue",
  "#3f51b5": "indigo",
  "#6b4ea2": "violet",
  "#8e3a8a": "purple",
  "#a8325e": "crimson",
  "#7a4a3a": "russet",
  "#47617a": "slate",
};

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
          {profile.colors.map((offered) => (
            <label key={offered} class="color" style={{ "--person": offered }} title={colorName(offered)}>
              <input type="radio" name="color" checked={offered === color} onChange={() => setColor(offered)} />
              <span class="visually-hidden">{colorName(offered)}</span>
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

/** One that the server added later is called by its number. */
function colorName(color: string): string {
  return COLOR_NAMES[color] ?? color;
}
