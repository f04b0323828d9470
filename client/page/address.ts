export type Route =
  | { view: "projects" }
  | { view: "project"; projectId: string; path: string | null }
  | { view: "account" }
  | { view: "invite"; secret: string }
  | { view: "unknown" };

/** Read what an address of this page names. */
export function parseRoute(pathname: string): Route {
  if (pathname === "/") return { view: "projects" };
  if (pathname === "/account") return { view: "account" };
  const [, mark, projectId, ...rest] = pathname.split("/");
  if (mark === "invite" && projectId && rest.length === 0) return { view: "invite", secret: projectId };
  if (mark !== "p" || !projectId) return { view: "unknown" };
  try {
    const path = rest.map(decodeURIComponent).join("/");
    return { view: "project", projectId: decodeURIComponent(projectId), path: path || null };
  } catch {
    return { view: "unknown" };
  }
}

/** Where to sign in, and come back from to `pathname`. */
export function signInAddress(pathname: string = location.pathname): string {
  return `/signin?next=${encodeURIComponent(pathname)}`;
}

/** Where the bytes of a file are, to show or download. */
export function contentAddress(projectId: string, path: string): string {
  return ["/files", projectId, ...path.split("/").map(encodeURIComponent)].join("/");
}

export function projectAddress(projectId: string, path: string | null = null): string {
  const parts = path === null ? [] : path.split("/");
  return ["/p", projectId, ...parts.map(encodeURIComponent)].join("/");
}
