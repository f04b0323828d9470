import { useEffect, useRef, useState } from "preact/hooks";
import type { Passkey } from "../../src/wire.gen";
import { post } from "../api";
import { confirmDanger } from "../parts/dialogs";
import { showError } from "../parts/toasts";
import { age } from "../words";
import { hasPasskeys, makePasskey, refusalOf } from "./browser_keys";
import { useListing } from "./listing";
import { Rows, Section } from "./section";
import { browserName } from "./user_agents";

const TEXT =
  "A passkey signs you in with your device's own lock, a phone or a security key. Nothing to type, nothing to leak.";

/** The person's passkeys. */
export function PasskeysSection() {
  const { rows, change, reload } = useListing("Your passkeys did not load.", async () => {
    return (await post("accounts/passkeys", {})).passkeys;
  });
  const remove = async (passkey: Passkey): Promise<void> => {
    const isSure = await confirmDanger(`Remove ${passkey.label}?`, {
      text: "It does not sign you in any more. Delete it in your device's or browser's settings too.",
      label: "Remove",
    });
    if (isSure) await change("The passkey was not removed.", () => post("accounts/remove_passkey", { id: passkey.id }));
  };
  const rename = (passkey: Passkey, label: string): Promise<boolean> =>
    change("The passkey was not renamed.", () => post("accounts/rename_passkey", { id: passkey.id, label }));
  return (
    <Section id="passkeys" title="Passkeys" text={TEXT}>
      <Rows rows={rows} label="Passkeys" empty="You have none yet.">
        {(passkey) => <PasskeyRow passkey={passkey} onRename={rename} onRemove={() => void remove(passkey)} />}
      </Rows>
      <AddPasskey onAdded={reload} />
    </Section>
  );
}

function PasskeyRow(props: {
  passkey: Passkey;
  onRename: (passkey: Passkey, label: string) => Promise<boolean>;
  onRemove: () => void;
}) {
  const { passkey, onRename, onRemove } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const renameButton = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (draft === null && wasEditing.current) renameButton.current?.focus(); // the keyboard is back where it was
    wasEditing.current = draft !== null;
  }, [draft === null]);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (draft?.trim() && (await onRename(passkey, draft.trim()))) setDraft(null);
  };
  if (draft !== null) {
    return (
      <form class="listed-form" onSubmit={(event) => void save(event)}>
        <input
          class="input"
          aria-label={`New name of ${passkey.label}`}
          value={draft}
          maxLength={100}
          required
          autofocus
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && setDraft(null)}
        />
        <button class="button is-primary">Save</button>
      </form>
    );
  }
  return (
    <>
      <div class="listed-text">
        <strong>{passkey.label}</strong>
        <small class="muted">
          Made {age(passkey.createdAt)}, {passkey.lastUsedAt ? `used ${age(passkey.lastUsedAt)}` : "not used yet"}
          {passkey.isBackedUp ? ", shared by your devices" : ""}
        </small>
      </div>
      <button
        ref={renameButton}
        class="button"
        type="button"
        aria-label={`Rename ${passkey.label}`}
        onClick={() => setDraft(passkey.label)}
      >
        Rename
      </button>
      <button class="button" type="button" aria-label={`Remove ${passkey.label}`} onClick={onRemove}>
        Remove
      </button>
    </>
  );
}

function AddPasskey({ onAdded }: { onAdded: () => Promise<void> }) {
  const [label, setLabel] = useState(browserName(navigator.userAgent));
  const [isBusy, setBusy] = useState(false);
  if (!hasPasskeys()) return <p class="muted">This browser makes no passkeys at this address.</p>;
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await addPasskey(label.trim());
      await onAdded();
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== null) showError("No passkey was added.", new Error(refusal));
    }
    setBusy(false);
  };
  return (
    <form class="listed-form" onSubmit={(event) => void add(event)}>
      <input
        class="input"
        aria-label="Name of the new passkey"
        value={label}
        maxLength={100}
        required
        onInput={(event) => setLabel(event.currentTarget.value)}
      />
      <button class="button is-primary" disabled={isBusy || !label.trim()}>
        Add a passkey
      </button>
    </form>
  );
}

async function addPasskey(label: string): Promise<void> {
  const { options, origin } = await post("accounts/passkey_options", {});
  if (location.origin !== origin) throw new Error(`Passkeys work at ${origin}. Open that address, and add it there.`);
  const credential = await makePasskey(options);
  await post("accounts/add_passkey", { label, credential });
}
