import { signal } from "@preact/signals";

export type Route = { view: "projects" } | { view: "project"; projectId: string; path: string | null } | { view: "unknown" };

/** Where the page is; changed by `go` and by the browser's back and forward. */
export const route = signal<Route>(parseRoute(location.pathname));

addEventListener("popstate", () => {
  route.value = parseRoute(location.pathname);
});

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

/** Go to another address of this page; `replace` leaves no entry in the browser's history. */
export function go(address: string, { replace = false } = {}): void {
  if (address === location.pathname) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  route.value = parseRoute(address);
}

/** For links: follow them inside the page unless the person asked for another tab. */
export function followInside(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(new URL((event.currentTarget as HTMLAnchorElement).href).pathname);
}
