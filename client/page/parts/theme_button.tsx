import { nextTheme, type Theme, theme } from "../theme";
import { AutoThemeIcon, DarkThemeIcon, LightThemeIcon } from "./icons";

const ICONS = { auto: AutoThemeIcon, light: LightThemeIcon, dark: DarkThemeIcon };
const WORDS: Record<Theme, string> = { auto: "as the system", light: "light", dark: "dark" };

export function ThemeButton() {
  const Icon = ICONS[theme.value];
  const label = `Theme: ${WORDS[theme.value]}`;
  return (
    <button class="icon-button" type="button" aria-label={label} title={label} onClick={nextTheme}>
      <Icon />
    </button>
  );
}
