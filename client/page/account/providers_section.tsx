import { useState } from "preact/hooks";
import type { LinkedAccount, SignInProvider } from "../../src/wire.gen";
import { post } from "../api";
import { confirmDanger } from "../parts/dialogs";
import { age } from "../words";
import { useListing } from "./listing";
import { Rows, Section } from "./section";

const TEXT = "Sign in here with an account that you have somewhere else.";

/** The person's accounts at providers; nothing where there are none and none can be added. */
export function ProvidersSection() {
  const [addable, setAddable] = useState<SignInProvider[]>([]);
  const { rows, change } = useListing("Your accounts elsewhere did not load.", async () => {
    const { accounts, providers } = await post("accounts/linked", {});
    setAddable(providers);
    return accounts.map((account) => ({ ...account, id: `${account.provider} ${account.subject}` }));
  });
  const remove = async (account: LinkedAccount): Promise<void> => {
    const isSure = await confirmDanger(`Remove ${spoken(account)}?`, {
      text: "It does not sign you in here any more. Nothing changes there.",
      label: "Remove",
    });
    const { provider, subject } = account;
    if (isSure) await change("The account was not removed.", () => post("accounts/unlink", { provider, subject }));
  };
  if (!rows?.length && addable.length === 0) return null;
  return (
    <Section id="providers" title="Accounts elsewhere" text={TEXT}>
      <Rows rows={rows} label="Accounts elsewhere" empty="You have added none yet.">
        {(account) => (
          <>
            <div class="listed-text">
              <strong>{spoken(account)}</strong>
              <small class="muted">Added {age(account.linkedAt)}</small>
            </div>
            <button
              class="button"
              type="button"
              aria-label={`Remove ${spoken(account)}`}
              onClick={() => void remove(account)}
            >
              Remove
            </button>
          </>
        )}
      </Rows>
      <div class="form-buttons">
        {addable.map((provider) => (
          <a key={provider.slug} class="button" href={`/signin/with/${provider.slug}?link=1&next=/account`}>
            Add {provider.name}
          </a>
        ))}
      </div>
    </Section>
  );
}

function spoken({ name, label }: LinkedAccount): string {
  return label === null ? name : `${name}: ${label}`;
}
