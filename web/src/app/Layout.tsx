import { Suspense, useEffect, useRef, useSyncExternalStore, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, useLocation, useNavigationType } from "react-router";
import { AccountMenu } from "../identity/AccountMenu";
import { hasAdmittedPlace, onPlaces, placeEnd } from "../waitroom/placeStore";
import { Announcer } from "./announce";
import { useOnline } from "./hooks";
import { chooseLanguage, LANGUAGES, type Language } from "./i18n";
import { page } from "./page";
import { chooseTheme, THEMES, useTheme } from "./theme";
import { Icon, type IconName } from "./ui/icons";

const PlaceKeeper = page(() => import("../waitroom/PlaceKeeper"));
const PlaceEnded = page(() => import("../waitroom/PlaceEnded"));
// Where somebody still means to use their turn. A reservation outlives it.
const CHOOSING = /^\/($|(shows|performances)\/)/;

function OfflineBanner() {
  const { t } = useTranslation();
  const online = useOnline();
  return (
    <div role="status">
      {!online && (
        <p className="flex items-center justify-center gap-2 bg-warn-soft px-4 py-2 text-sm font-semibold">
          <Icon name="wifiOff" />
          {t("offline.banner")}
        </p>
      )}
    </div>
  );
}

function Wordmark() {
  return (
    <span className="flex items-center gap-2 text-lg font-bold tracking-tight">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <path
          className="fill-accent"
          d="M4 8a3 3 0 0 1 3-3h18a3 3 0 0 1 3 3v4.200a4 4 0 0 0 0 7.600V24a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-4.200a4 4 0 0 0 0-7.600z"
        />
        <path
          className="stroke-on-accent"
          fill="none"
          strokeWidth="2.6"
          strokeLinecap="round"
          strokeLinejoin="round"
          d="m11 16.5 3.6 3.600L21.5 12"
        />
      </svg>
      <span translate="no">{"onsale"}</span>
    </span>
  );
}

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  const other = LANGUAGES.find((language) => language !== i18n.language) ?? "en";
  return (
    <button
      type="button"
      lang={other}
      className="min-h-11 rounded-lg px-2.5 text-sm font-semibold text-ink-2 hover:bg-sunken"
      onClick={() => void chooseLanguage(other as Language)}
    >
      {t(`language.${other}`)}
    </button>
  );
}

const themeIcons: Record<(typeof THEMES)[number], IconName> = {
  system: "auto",
  light: "sun",
  dark: "moon",
};

function ThemeSwitch() {
  const { t } = useTranslation();
  const theme = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  return (
    <button
      type="button"
      className="grid size-11 place-items-center rounded-lg text-ink-2 hover:bg-sunken"
      aria-label={t("theme.switch", { now: t(`theme.${theme}`), next: t(`theme.${next}`) })}
      title={t(`theme.${theme}`)}
      onClick={() => chooseTheme(next)}
    >
      <Icon name={themeIcons[theme]} />
    </button>
  );
}

// After a navigation start at the top, and tell screen readers by moving focus to the page.
function useFreshPage() {
  const { pathname } = useLocation();
  const kind = useNavigationType();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    if (kind !== "POP") window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname, kind]);
  return main;
}

export function Layout({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const main = useFreshPage();
  const admitted = useSyncExternalStore(onPlaces, hasAdmittedPlace);
  const ended = useSyncExternalStore(onPlaces, placeEnd);
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:left-4 focus:top-4 focus:z-50 focus:rounded-lg focus:bg-surface focus:px-4 focus:py-2 focus:shadow-card"
      >
        {t("common.skip")}
      </a>
      <OfflineBanner />
      <header className="border-b border-line bg-bg">
        <div className="container-page flex h-16 items-center gap-1">
          <Link to="/" className="mr-auto flex min-h-11 items-center rounded-lg" aria-label={t("nav.home")}>
            <Wordmark />
          </Link>
          <nav aria-label={t("nav.label")} className="flex items-center gap-0.5">
            <NavLink
              to="/my/reservations"
              className="flex min-h-11 items-center gap-1.5 rounded-lg px-2.5 text-sm font-semibold text-ink-2 hover:bg-sunken aria-[current=page]:text-ink"
            >
              <Icon name="ticket" />
              <span className="max-sm:sr-only">{t("nav.my_reservations")}</span>
            </NavLink>
            <LanguageSwitch />
            <ThemeSwitch />
            <AccountMenu />
          </nav>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className="flex grow flex-col">
        {children}
      </main>
      <footer className="mt-16 border-t border-line py-8 text-sm text-ink-3">
        <div className="container-page flex flex-col gap-2 sm:flex-row sm:justify-between">
          <p>{t("footer.promise")}</p>
          <p>{t("footer.zone")}</p>
        </div>
      </footer>
      <Announcer />
      <Suspense fallback={null}>
        {admitted && <PlaceKeeper />}
        {ended && CHOOSING.test(pathname) && <PlaceEnded {...ended} />}
      </Suspense>
    </div>
  );
}
