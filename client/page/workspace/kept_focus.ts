import { useEffect, useRef } from "preact/hooks";

/** Keep the keyboard in a tree whose focused row goes away: it comes to the row that takes its place. */
export function useKeptFocus(list: { current: HTMLElement | null }, count: number): void {
  const at = useRef<number | null>(null);
  useEffect(() => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("[role=treeitem]") ?? [])];
    if (at.current !== null && document.activeElement === document.body) {
      rows[Math.min(at.current, rows.length - 1)]?.focus();
    }
  }, [count]);
  useEffect(() => {
    const element = list.current!;
    const enter = (event: FocusEvent): void => {
      const rows = [...element.querySelectorAll("[role=treeitem]")];
      const found = rows.indexOf(event.target as Element);
      if (found >= 0) at.current = found;
    };
    const leave = (event: FocusEvent): void => {
      if (event.relatedTarget instanceof Node && !element.contains(event.relatedTarget)) at.current = null;
    };
    element.addEventListener("focusin", enter);
    element.addEventListener("focusout", leave);
    return () => {
      element.removeEventListener("focusin", enter);
      element.removeEventListener("focusout", leave);
    };
  }, []);
}
