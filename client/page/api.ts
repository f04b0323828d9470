import { type ErrorBody, errorBody } from "../src/errors";
import { RequestError } from "../src/index";
import type { CommandName, Commands } from "../src/wire.gen";

/** Send a command over HTTP, for pages without a project's socket. Throws RequestError. */
export async function post<N extends CommandName>(
  name: N,
  body: Commands[N]["request"],
): Promise<Commands[N]["reply"]> {
  let response: Response;
  try {
    response = await fetch(`/api/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
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
  const detail = typeof problem === "object" && problem && "detail" in problem ? String(problem.detail) : undefined;
  return errorBody(response.status >= 500 ? "internal" : "bad_request", detail);
}
