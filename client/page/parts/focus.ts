/** Give the keyboard back to where it was before `element` came, unless it went elsewhere meanwhile. */
export function giveBackFocus(element: Element | null, before: Element | null): void {
  const now = document.activeElement;
  const isNowhere = now === null || now === document.body || (element?.contains(now) ?? false);
  if (isNowhere && before instanceof HTMLElement && before.isConnected) before.focus();
}
