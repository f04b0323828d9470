import { useEffect, useRef, useState } from "preact/hooks";
import type { DeletionPlan } from "../../src/wire.gen";
import { post } from "../api";
import { showError } from "../parts/toasts";
import { Section } from "./section";

const TEXT =
  "Your sign-ins, tokens and passkeys end, and editors that are open close. What you wrote in projects of others stays, " +
  "as a deleted person's.";

/** The end of the account, typed to be sure. */
export function LeavingSection() {
  const [plan, setPlan] = useState<DeletionPlan | null>(null);
  const ask = async (): Promise<void> => {
    try {
      setPlan(await post("accounts/deletion", {}));
    } catch (error) {
      showError("It is not known now what would go.", error);
    }
  };
  return (
    <Section id="leaving" title="Delete the account" text={TEXT}>
      {plan === null ? (
        <div class="form-buttons">
          <button class="button is-danger" type="button" onClick={() => void ask()}>
            Delete my account…
          </button>
        </div>
      ) : (
        <Confirmation plan={plan} onCancel={() => setPlan(null)} />
      )}
    </Section>
  );
}

function Confirmation({ plan, onCancel }: { plan: DeletionPlan; onCancel: () => void }) {
  const [typed, setTyped] = useState("");
  const start = useRef<HTMLDivElement>(null);
  useEffect(() => start.current?.focus(), []);
  const leave = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await post("accounts/delete", { confirm: typed });
      location.assign("/signin");
    } catch (error) {
      showError("Your account was not deleted.", error);
    }
  };
  return (
    <div ref={start} tabIndex={-1}>
      <Names title="These projects have others in them: transfer or delete them first." projects={plan.blocking} />
      <Names title="These projects are yours alone, and are deleted:" projects={plan.deleted} />
      {plan.blocking.length > 0 ? (
        <div class="form-buttons">
          <button class="button" type="button" onClick={onCancel}>
            Keep my account
          </button>
        </div>
      ) : (
        <form class="account-form" onSubmit={(event) => void leave(event)}>
          <label class="field">
            Type {plan.confirm} to delete everything for good
            <input
              class="input"
              value={typed}
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
          <div class="form-buttons">
            <button class="button" type="button" onClick={onCancel}>
              Keep my account
            </button>
            <button
              class="button is-danger"
              disabled={typed.trim().toLocaleLowerCase() !== plan.confirm.toLocaleLowerCase()}
            >
              Delete my account
            </button>
          </div>
        </form>
      )}
    </div>
  );
}

function Names({ title, projects }: { title: string; projects: DeletionPlan["deleted"] }) {
  if (projects.length === 0) return null;
  return (
    <>
      <p>{title}</p>
      <ul class="names">
        {projects.map((project) => (
          <li key={project.id}>{project.name}</li>
        ))}
      </ul>
    </>
  );
}
