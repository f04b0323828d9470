import { useState } from "preact/hooks";
import type { Invite, Invited } from "../../src/wire.gen";
import { Problem, useAttempt } from "../parts/attempt";
import { CopyButton } from "../parts/dialogs";
import type { Workspace } from "../workspace/workspace";
import { GIVEN_ROLES, type GivenRole } from "./roles";

type Way = "email" | "link";

const DAYS = [1, 7, 30];
const USES = [1, 5, 25, 100];

/** Invite somebody by address, or make a link; its secret is shown once, here. */
export function InviteForm({ workspace }: { workspace: Workspace }) {
  const [way, setWay] = useState<Way>("email");
  const [made, setMade] = useState<Invited | null>(null);
  const { problem, attempt } = useAttempt();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    attempt(async () => {
      setMade(await workspace.roster.invite(wanted(way, form)));
      clear(form.elements.namedItem("email"));
    });
  };
  return (
    <section class="panel-part">
      <h3>Invite</h3>
      <form class="invite" onSubmit={submit}>
        <Ways way={way} onChoose={setWay} />
        {way === "email" && <EmailField />}
        <div class="invite-options">
          <Choice name="role" label="Role" options={GIVEN_ROLES.map(({ role, label }) => [role, label])} />
          <Choice
            name="days"
            label="Holds for"
            initial="7"
            options={DAYS.map((days) => [String(days), inDays(days)])}
          />
          {way === "link" && (
            <Choice name="uses" label="Good for" options={USES.map((uses) => [String(uses), inPeople(uses)])} />
          )}
        </div>
        <button class="button is-primary">{way === "email" ? "Invite" : "Make a link"}</button>
        <Problem text={problem} />
      </form>
      {made && <Made key={made.invitation.id} made={made} />}
    </section>
  );
}

function wanted(way: Way, form: HTMLFormElement): Invite {
  const values = new FormData(form);
  const shared = { role: String(values.get("role")) as GivenRole, days: Number(values.get("days")) };
  return way === "email"
    ? { ...shared, email: String(values.get("email")).trim() }
    : { ...shared, maxUses: Number(values.get("uses")) };
}

function clear(input: Element | RadioNodeList | null): void {
  if (input instanceof HTMLInputElement) input.value = "";
}

function Ways({ way, onChoose }: { way: Way; onChoose: (way: Way) => void }) {
  const names: [Way, string][] = [
    ["email", "By e-mail"],
    ["link", "By link"],
  ];
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">How to invite</legend>
      {names.map(([name, label]) => (
        <label key={name} class="segment">
          <input type="radio" name="way" value={name} checked={way === name} onChange={() => onChoose(name)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function EmailField() {
  return (
    <label class="field">
      <span>E-mail address</span>
      <input class="input" type="email" name="email" required maxLength={320} autocomplete="off" />
    </label>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  initial?: string;
  options: [value: string, label: string][];
}

function Choice({ name, label, initial, options }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select class="input" name={name} aria-label={label}>
        {options.map(([value, text]) => (
          <option key={value} value={value} selected={value === initial}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The secret is told once: whoever needs the link later makes another. */
function Made({ made: { invitation, secret, isMailed } }: { made: Invited }) {
  if (secret === null) return null;
  const link = `${location.origin}/invite/${secret}`;
  const whom = invitation.email ?? inPeople(invitation.maxUses);
  return (
    <div class="made" role="status">
      <p>
        {isMailed
          ? `The invitation is on its way to ${invitation.email}. This is its link, too:`
          : `Hand on this link; it is good for ${whom}, and shown only now:`}
      </p>
      <input
        class="input is-code"
        readOnly
        aria-label="Invitation link"
        value={link}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton text={link} label="Copy link" />
    </div>
  );
}

function inDays(days: number): string {
  return days === 1 ? "1 day" : `${days} days`;
}

function inPeople(count: number): string {
  return count === 1 ? "1 person" : `${count} people`;
}
