import { useState } from "preact/hooks";
import type { Token } from "../../src/wire.gen";
import { post } from "../api";
import { confirmDanger, showText } from "../parts/dialogs";
import { age, until } from "../words";
import { useListing } from "./listing";
import { Rows, Section } from "./section";

const TEXT = "For programs that act for you: the API, editors, stock providers. Each is shown once.";
const LIFETIMES: readonly [days: number | null, name: string][] = [
  [30, "30 days"],
  [90, "90 days"],
  [365, "a year"],
  [null, "until it is revoked"],
];

/** The person's bearer tokens. */
export function TokensSection() {
  const { rows, change } = useListing("Your tokens did not load.", allTokens);
  const revoke = async (token: Token): Promise<void> => {
    const isSure = await confirmDanger(`Revoke ${token.label}?`, {
      text: "Programs that use it are cut off at once.",
      label: "Revoke",
    });
    if (isSure) await change("The token was not revoked.", () => post("accounts/revoke_token", { id: token.id }));
  };
  const create = (wanted: Wanted): Promise<boolean> =>
    change("No token was made.", async () => {
      const { secret, token } = await post("accounts/create_token", wanted);
      showText(`The token ${token.label}`, "Copy it now: it is not shown again.", secret ?? "");
    });
  return (
    <Section id="tokens" title="Tokens" text={TEXT}>
      <Rows rows={rows} label="Tokens" empty="You have none.">
        {(token) => (
          <>
            <div class="listed-text">
              <strong>{token.label}</strong>
              <small class="muted">{story(token)}</small>
            </div>
            <button
              class="button"
              type="button"
              aria-label={`Revoke ${token.label}`}
              onClick={() => void revoke(token)}
            >
              Revoke
            </button>
          </>
        )}
      </Rows>
      <CreateToken onCreate={create} />
    </Section>
  );
}

interface Wanted {
  label: string;
  scopes: ("read" | "write")[];
  days: number | null;
}

function CreateToken({ onCreate }: { onCreate: (wanted: Wanted) => Promise<boolean> }) {
  const [label, setLabel] = useState("");
  const [mayWrite, setMayWrite] = useState(false);
  const [lifetime, setLifetime] = useState(1);
  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    const scopes: Wanted["scopes"] = mayWrite ? ["read", "write"] : ["read"];
    if (await onCreate({ label: label.trim(), scopes, days: LIFETIMES[lifetime]![0] })) setLabel("");
  };
  return (
    <form class="listed-form" onSubmit={(event) => void create(event)}>
      <input
        class="input"
        aria-label="What the new token is for"
        placeholder="What it is for"
        value={label}
        maxLength={255}
        required
        onInput={(event) => setLabel(event.currentTarget.value)}
      />
      <select
        class="input"
        aria-label="What it may do"
        value={mayWrite ? "write" : "read"}
        onChange={(event) => setMayWrite(event.currentTarget.value === "write")}
      >
        <option value="read">may read</option>
        <option value="write">may read and change</option>
      </select>
      <select
        class="input"
        aria-label="How long it holds"
        value={lifetime}
        onChange={(event) => setLifetime(Number(event.currentTarget.value))}
      >
        {LIFETIMES.map(([, name], index) => (
          <option key={name} value={index}>
            {name}
          </option>
        ))}
      </select>
      <button class="button is-primary" disabled={!label.trim()}>
        Make a token
      </button>
    </form>
  );
}

function story({ scopes, projectId, createdAt, lastUsedAt, expiresAt }: Token): string {
  const reach = projectId === null ? "" : " in one project";
  const ability = scopes.includes("write") ? "May read and change" : "May read";
  const used = lastUsedAt === null ? "not used yet" : `used ${age(lastUsedAt)}`;
  return `${ability}${reach}, made ${age(createdAt)}, ${used}, ${expiresAt === null ? "does not end" : `ends ${until(expiresAt)}`}`;
}

async function allTokens(): Promise<Token[]> {
  const tokens: Token[] = [];
  for (let after: string | null = null; ;) {
    const page: { tokens: Token[]; next: string | null } = await post("accounts/tokens", { after });
    tokens.push(...page.tokens);
    after = page.next;
    if (after === null) return tokens;
  }
}
