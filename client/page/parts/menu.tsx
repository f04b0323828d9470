import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { giveBackFocus } from "./focus";

export interface MenuItem {
  label: string;
  /** The keys that do the same, as people read them. */
  keys?: string;
  isDanger?: boolean;
  run: () => void;
}

interface Menu {
  label: string;
  items: MenuItem[];
  x: number;
  y: number;
}

const menu = signal<Menu | null>(null);
const MARGIN_PX = 8; // from the window's edges

/** Show a menu at a point of the window; it goes when something is chosen, or attention goes elsewhere. */
export function openMenu(label: string, items: MenuItem[], at: { x: number; y: number }): void {
  menu.value = { label, items, ...at };
}

/** The same below an element, as a button opens it. */
export function openMenuBelow(element: Element, label: string, items: MenuItem[]): void {
  const { left, bottom } = element.getBoundingClientRect();
  openMenu(label, items, { x: left, y: bottom + 4 });
}

/** The menu that is open, if one is. */
export function Menus() {
  const open = menu.value;
  return open && <MenuList key={`${open.label} ${open.x} ${open.y}`} {...open} />;
}

function MenuList({ label, items, x, y }: Menu) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const element = list.current!;
    const before = document.activeElement;
    const leave = (event: Event): void => {
      if (!element.contains(event.target as Node)) close();
    };
    place(element, x, y);
    itemsOf(element)[0]?.focus();
    addEventListener("pointerdown", leave, true);
    addEventListener("blur", close);
    return () => {
      removeEventListener("pointerdown", leave, true);
      removeEventListener("blur", close);
      giveBackFocus(element, before);
    };
  }, []);
  return (
    <ul ref={list} class="menu" role="menu" aria-label={label} onKeyDown={(event) => walk(event, list.current!)}>
      {items.map((item) => (
        <li key={item.label} role="none">
          <button
            class={`menu-item ${item.isDanger ? "is-danger" : ""}`}
            type="button"
            role="menuitem"
            tabIndex={-1}
            onClick={() => choose(item)}
          >
            <span>{item.label}</span>
            {item.keys && (
              <kbd class="keys" aria-hidden="true">
                {item.keys}
              </kbd>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}

function close(): void {
  menu.value = null;
}

function choose(item: MenuItem): void {
  close();
  setTimeout(item.run); // after the focus is back, so that a dialog can give it back in turn
}

/** Inside the window, as near to the point as that allows. */
function place(element: HTMLElement, x: number, y: number): void {
  const { width, height } = element.getBoundingClientRect();
  element.style.left = `${Math.max(MARGIN_PX, Math.min(x, innerWidth - width - MARGIN_PX))}px`;
  element.style.top = `${Math.max(MARGIN_PX, Math.min(y, innerHeight - height - MARGIN_PX))}px`;
}

/** The menu pattern of the ARIA practices. */
function walk(event: KeyboardEvent, element: HTMLElement): void {
  const buttons = itemsOf(element);
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const targets: Record<string, number> = {
    ArrowDown: (at + 1) % buttons.length,
    ArrowUp: (at - 1 + buttons.length) % buttons.length,
    Home: 0,
    End: buttons.length - 1,
  };
  const target = targets[event.key];
  event.stopPropagation();
  if (target !== undefined) buttons[target]?.focus();
  if (event.key === "Escape" || event.key === "Tab") close();
  if (target !== undefined || event.key === "Escape") event.preventDefault();
}

function itemsOf(element: HTMLElement): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>("[role=menuitem]")];
}
