import { useState } from "react";
import { texts } from "../texts";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const KEPT = "edgeflow.theme";

/** Show the page in the colours that were chosen last. */
export function applyTheme(theme: Theme = readTheme()): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function ThemeChoice() {
  const [theme, setTheme] = useState(readTheme);
  return (
    <label className="theme">
      <span className="visually-hidden">{texts.nav.themeLabel}</span>
      <select
        value={theme}
        onChange={(event) => {
          const next = THEMES.find((candidate) => candidate === event.target.value) ?? "system";
          localStorage.setItem(KEPT, next);
          applyTheme(next);
          setTheme(next);
        }}
      >
        {THEMES.map((option) => (
          <option key={option} value={option}>
            {texts.nav.theme[option]}
          </option>
        ))}
      </select>
    </label>
  );
}

function readTheme(): Theme {
  return THEMES.find((theme) => theme === localStorage.getItem(KEPT)) ?? "system";
}
