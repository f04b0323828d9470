import { signal } from "@preact/signals";
import { parseRoute, type Route } from "./address";

/** Where the page is; changed by `go` and by the browser's back and forward. */
export const route = signal<Route>(parseRoute(location.pathname));

addEventListener("popstate", () => {
  route.value = parseRoute(location.pathname);
});

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
