export type Route =
  { view: "projects" } | { view: "project"; projectId: string; path: string | null } | { view: "unknown" };

/** Read what an address of this page names. */
export function parseRoute(pathname: string): Route {
  if (pathname === "/") return { view: "projects" };
  const [, mark, projectId, ...rest] = pathname.split("/");
  if (mark !== "p" || !projectId) return { view: "unknown" };
  try {
    const path = rest.map(decodeURIComponent).join("/");
    return { view: "project", projectId: decodeURIComponent(projectId), path: path || null };
  } catch {
    return { view: "unknown" };
  }
}

export function projectAddress(projectId: string, path: string | null = null): string {
  const parts = path === null ? [] : path.split("/");
  return ["/p", projectId, ...parts.map(encodeURIComponent)].join("/");
}
