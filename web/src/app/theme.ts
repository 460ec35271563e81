import { useSyncExternalStore } from "react";
import { local, rememberCookie } from "./storage";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const REMEMBERED = "onsale.theme";
const COOKIE = "onsale_theme"; // the same for the wait page
const dark = window.matchMedia?.("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function theme(): Theme {
  const remembered = local.getItem(REMEMBERED);
  return remembered === "light" || remembered === "dark" ? remembered : "system";
}

function apply() {
  const isDark = theme() === "dark" || (theme() === "system" && Boolean(dark?.matches));
  document.documentElement.toggleAttribute("data-dark", isDark);
  for (const listener of listeners) listener();
}

export function startTheme() {
  dark?.addEventListener("change", apply);
  if (theme() !== "system") rememberCookie(COOKIE, theme());
  apply();
}

export function chooseTheme(next: Theme) {
  if (next === "system") local.removeItem(REMEMBERED);
  else local.setItem(REMEMBERED, next);
  rememberCookie(COOKIE, next === "system" ? "" : next);
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
