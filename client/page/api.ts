import { type ErrorBody, errorBody } from "../src/errors";
import { RequestError } from "../src/index";
import { type CommandName, type Commands, ERRORS, type ErrorCode, MUTATES } from "../src/wire.gen";

/** Send a command over HTTP, for pages without a project's socket, in a project or in none. Throws RequestError. */
export async function post<N extends CommandName>(
  name: N,
  body: Commands[N]["request"],
  { projectId }: { projectId?: string } = {},
): Promise<Commands[N]["reply"]> {
  let response: Response;
  try {
    response = await fetch(`/api/${name}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(projectId !== undefined && { "x-project": projectId }),
        ...(MUTATES[name] && { "idempotency-key": crypto.randomUUID() }),
      },
      body: JSON.stringify(body),
    });
  } catch {
    throw new RequestError(errorBody("unavailable", "The server cannot be reached."));
  }
  if (response.ok) return (await response.json()) as Commands[N]["reply"];
  throw new RequestError(await refusal(response));
}

async function refusal(response: Response): Promise<ErrorBody> {
  if (response.status === 401) return errorBody("unauthenticated");
  const problem: unknown = await response.json().catch(() => null);
  if (typeof problem !== "object" || problem === null) return errorBody("internal");
  const { code, detail } = problem as { code?: unknown; detail?: unknown };
  const known = typeof code === "string" && code in ERRORS ? (code as ErrorCode) : "internal";
  return errorBody(known, typeof detail === "string" ? detail : undefined);
}
