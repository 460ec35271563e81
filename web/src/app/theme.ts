import { useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const REMEMBERED = "onsale.theme";
const dark = window.matchMedia?.("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function theme(): Theme {
  const remembered = localStorage.getItem(REMEMBERED);
  return remembered === "light" || remembered === "dark" ? remembered : "system";
}

function apply() {
  const isDark = theme() === "dark" || (theme() === "system" && Boolean(dark?.matches));
  document.documentElement.toggleAttribute("data-dark", isDark);
  for (const listener of listeners) listener();
}

export function startTheme() {
  dark?.addEventListener("change", apply);
  apply();
}

export function chooseTheme(next: Theme) {
  if (next === "system") localStorage.removeItem(REMEMBERED);
  else localStorage.setItem(REMEMBERED, next);
  apply();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    theme,
    () => "system",
  );
}
