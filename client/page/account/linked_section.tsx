import { useEffect, useState } from "preact/hooks";
import type { LinkedAccount, LinkedAccountList } from "../../src/wire.gen";
import { post } from "../api";
import { confirmDanger } from "../parts/dialogs";
import { showError } from "../parts/toasts";
import { age } from "../words";
import { Rows, Section } from "./section";

/** Accounts elsewhere that sign the person in; nothing where the server knows no provider. */
export function LinkedSection() {
  const [linked, setLinked] = useState<LinkedAccountList | null>(null);
  const load = async (): Promise<void> => {
    try {
      setLinked(await post("accounts/linked", {}));
    } catch (error) {
      showError("Your accounts elsewhere did not load.", error);
    }
  };
  useEffect(() => void load(), []);
  const unlink = async ({ provider, subject, name }: LinkedAccount): Promise<void> => {
    const isSure = await confirmDanger(`Take ${name} away?`, {
      text: `${name} does not sign you in any more.`,
      label: "Take it away",
    });
    if (!isSure) return;
    try {
      await post("accounts/unlink", { provider, subject });
      await load();
    } catch (error) {
      showError("It was not taken away.", error);
    }
  };
  if (linked === null || linked.accounts.length + linked.providers.length === 0) return null;
  const rows = linked.accounts.map((account) => ({ ...account, id: `${account.provider} ${account.subject}` }));
  return (
    <Section id="linked" title="Accounts elsewhere" text="They sign you in here, too.">
      <Rows rows={rows} label="Accounts elsewhere" empty="You have none yet.">
        {(account) => (
          <>
            <div class="listed-text">
              <strong>{account.name}</strong>
              <small class="muted">
                {account.label ?? account.subject}, since {age(account.linkedAt)}
              </small>
            </div>
            <button
              class="button"
              type="button"
              aria-label={`Take ${account.name} ${account.label ?? ""} away`}
              onClick={() => void unlink(account)}
            >
              Take away
            </button>
          </>
        )}
      </Rows>
      <div class="form-buttons">
        {linked.providers.map(({ slug, name }) => (
          <a key={slug} class="button" href={`/signin/with/${slug}?link=1&next=/account`}>
            Add {name}
          </a>
        ))}
      </div>
    </Section>
  );
}
