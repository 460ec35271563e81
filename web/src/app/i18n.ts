import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { local, readCookie, rememberCookie } from "./storage";

export const LANGUAGES = ["ko", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
const REMEMBERED = "onsale.language";
const COOKIE = "onsale_lang"; // the same for the wait page, where it may be chosen as well

type Catalogue = Record<Language, () => Promise<{ default: object }>>;

// What every visitor reads; parts of the app that few open bring their own words (addWords).
const catalogues: Catalogue[] = [{ ko: () => import("../i18n/ko.json"), en: () => import("../i18n/en.json") }];
const loaded = new WeakMap<Catalogue, Set<Language>>();

export function preferredLanguage(): Language {
  const remembered = readCookie(COOKIE) ?? local.getItem(REMEMBERED) ?? "";
  if (remembered === "ko" || remembered === "en") {
    rememberCookie(COOKIE, remembered);
    return remembered;
  }
  for (const wanted of navigator.languages ?? [navigator.language]) {
    const short = wanted.slice(0, 2).toLowerCase();
    if (short === "ko" || short === "en") return short;
  }
  return "en";
}

async function loadOne(catalogue: Catalogue, language: Language) {
  const languages = loaded.get(catalogue) ?? new Set();
  if (languages.has(language)) return;
  const { default: texts } = await catalogue[language]();
  i18next.addResourceBundle(language, "translation", texts, true);
  loaded.set(catalogue, languages.add(language));
}

const load = (language: Language) =>
  Promise.all(catalogues.map((catalogue) => loadOne(catalogue, language)));

// In the present language now, in every other one when it is chosen.
export async function addWords(catalogue: Catalogue) {
  if (!catalogues.includes(catalogue)) catalogues.push(catalogue);
  await loadOne(catalogue, i18next.language as Language);
}

export async function startLanguages(language: Language = preferredLanguage()) {
  if (!i18next.isInitialized) {
    await i18next.use(initReactI18next).init({
      lng: language,
      resources: {},
      fallbackLng: false,
      interpolation: { escapeValue: false }, // React escapes
      returnNull: false,
    });
  }
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language) {
  local.setItem(REMEMBERED, language);
  rememberCookie(COOKIE, language);
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
