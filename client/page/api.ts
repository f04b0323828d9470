import { call } from "../src/index";
import type { CommandName, Commands } from "../src/wire.gen";

/** Send a command to this page's own server, for pages without a project's socket. Throws RequestError. */
export function post<N extends CommandName>(
  name: N,
  body: Commands[N]["request"],
  where: { projectId?: string } = {},
): Promise<Commands[N]["reply"]> {
  return call(name, body, where);
}
