/** Whether this browser can make and use passkeys here; it needs a secure page, which localhost is too. */
export function hasPasskeys(): boolean {
  return typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";
}

/** Let the browser make a passkey; the answer is JSON for the server. Throws what the browser throws. */
export async function makePasskey(options: unknown): Promise<string> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  return answer(await navigator.credentials.create({ publicKey }));
}

/** Let the browser sign the server's challenge with a passkey; the answer is JSON for the server. */
export async function usePasskey(options: unknown): Promise<string> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  return answer(await navigator.credentials.get({ publicKey }));
}

/** What went wrong, for people; null when they only went back. */
export function refusalOf(error: unknown): string | null {
  if (!(error instanceof DOMException)) return error instanceof Error ? error.message : String(error);
  switch (error.name) {
    case "NotAllowedError":
    case "AbortError":
      return null;
    case "InvalidStateError":
      return "This device has a passkey of yours for this server already.";
    case "SecurityError":
      return "Passkeys do not work at this address.";
    default:
      return error.message;
  }
}

function answer(credential: Credential | null): string {
  if (!(credential instanceof PublicKeyCredential)) throw new Error("The browser gave no passkey.");
  return JSON.stringify(credential.toJSON());
}
