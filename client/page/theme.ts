import { effect, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";

const KEY = "flashio.theme";
const ORDER: readonly Theme[] = ["auto", "light", "dark"];

/** The chosen theme; `auto` follows the system. */
export const theme = signal<Theme>(stored());

effect(() => {
  if (theme.value === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme.value;
});

export function nextTheme(): void {
  theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length]!;
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    return; // storage is refused in some private windows; the choice then lasts until the page is left
  }
}

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return ORDER.find((known) => known === value) ?? "auto";
  } catch {
    return "auto";
  }
}
