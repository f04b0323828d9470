import { type ErrorBody, errorBody, RequestError } from "./errors";
import { type CommandName, type Commands, ERRORS, type ErrorCode, MUTATES, type Problem } from "./wire.gen";

export interface CallOptions {
  /** The project that the command works in. */
  projectId?: string;
  /** A bearer token; without one the browser's session cookie signs in. */
  token?: string;
  /** Name a mutating command to send it again by hand; made when absent. */
  commandId?: string;
  /** Address of the server; the page's own when absent. */
  server?: string;
}

/** Send a command over HTTP, where there is no socket. Throws RequestError. */
export async function call<N extends CommandName>(
  name: N,
  body: Commands[N]["request"],
  options: CallOptions = {},
): Promise<Commands[N]["reply"]> {
  let response: Response;
  try {
    response = await fetch(`${options.server ?? ""}/api/${name}`, {
      method: "POST",
      headers: headersOf(name, options),
      body: JSON.stringify(body),
    });
  } catch {
    throw new RequestError(errorBody("unavailable", "The server cannot be reached."));
  }
  if (response.ok) return (await response.json()) as Commands[N]["reply"];
  throw new RequestError(await refusal(response));
}

function headersOf(name: CommandName, { projectId, token, commandId }: CallOptions): Record<string, string> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (projectId !== undefined) headers["x-project"] = projectId;
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  if (MUTATES[name]) headers["idempotency-key"] = commandId ?? crypto.randomUUID();
  return headers;
}

/** What a problem says; a proxy in between may answer with anything. */
async function refusal(response: Response): Promise<ErrorBody> {
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  const code = problem?.code;
  if (typeof code !== "string" || !(code in ERRORS)) return errorBody(ofStatus(response.status));
  return errorBody(code, typeof problem?.detail === "string" ? problem.detail : undefined);
}

function ofStatus(status: number): ErrorCode {
  if (status === 401) return "unauthenticated";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "unavailable" : "bad_request";
}
