// The script of the sign-in page, which the server writes: it brings the passkey button to life.
import { hasPasskeys, refusalOf, usePasskey } from "./account/browser_keys";

interface Asked {
  options: unknown;
  origin: string;
}

const place = document.querySelector<HTMLElement>("#passkey");
const button = place?.querySelector("button");
const alert = place?.querySelector<HTMLElement>("[role=alert]");

if (place && button && alert && hasPasskeys()) {
  place.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    alert.hidden = true;
    signIn(place.dataset["next"] ?? "/").catch((error: unknown) => {
      const refusal = refusalOf(error);
      alert.textContent = refusal;
      alert.hidden = refusal === null;
      button.disabled = false;
    });
  });
}

async function signIn(next: string): Promise<void> {
  const { options, origin } = await post<Asked>("/signin/passkey/options", {});
  if (location.origin !== origin) throw new Error(`Passkeys work at ${origin}. Open that address, and sign in there.`);
  const credential = await usePasskey(options);
  const started = await post<{ next: string }>("/signin/passkey", { credential, next });
  location.assign(started.next);
}

async function post<T>(address: string, body: Record<string, string>): Promise<T> {
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const said = typeof answer === "object" && answer && "detail" in answer ? String(answer.detail) : null;
  throw new Error(said ?? "The server did not answer. Try again.");
}
