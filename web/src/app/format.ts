import { useTranslation } from "react-i18next";

export const TIME_ZONE = "Asia/Seoul";

function localeOf(language: string) {
  return language === "ko" ? "ko-KR" : "en-GB";
}

// `amount` is in the currency's smallest unit.
export function moneyText(amount: number, currency: string, language: string) {
  const format = new Intl.NumberFormat(language === "ko" ? "ko-KR" : "en-US", {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0;
  return format.format(amount / 10 ** digits);
}

// The language of what somebody wrote (a title, a message), where it is not that of the page: for a
// voice that reads it aloud. The product speaks two, and their letters tell them apart.
export function foreign(text: string | null | undefined, page: string): "ko" | "en" | undefined {
  if (!text) return undefined;
  const language = /\p{Script=Hangul}/u.test(text) ? "ko" : /\p{Script=Latin}/u.test(text) ? "en" : page;
  return language === page ? undefined : (language as "ko" | "en");
}

export function durationText(milliseconds: number) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0
    ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}`
    : `${pad(minutes)}:${pad(seconds % 60)}`;
}

// The calendar day in the venue's time zone, as YYYY-MM-DD.
export function dayKey(iso: string) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: TIME_ZONE }).format(new Date(iso));
}

export function useFormat() {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const locale = localeOf(language);
  const date = (iso: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: TIME_ZONE, hourCycle: "h23", ...options }).format(
      new Date(iso),
    );
  return {
    language,
    foreign: (text: string | null | undefined) => foreign(text, language),
    number: (value: number) => new Intl.NumberFormat(locale).format(value),
    percent: (value: number) =>
      new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(value),
    money: (amount: number, currency = "KRW") =>
      language === "ko" && currency === "KRW"
        ? t("money.won", { amount: new Intl.NumberFormat(locale).format(amount) })
        : moneyText(amount, currency, language),
    spokenMoney: (amount: number, currency = "KRW") =>
      currency === "KRW"
        ? t("money.won", { amount: new Intl.NumberFormat(locale).format(amount) })
        : moneyText(amount, currency, language),
    day: (iso: string) => date(iso, { month: "long", day: "numeric", weekday: "short" }),
    fullDay: (iso: string) => date(iso, { year: "numeric", month: "long", day: "numeric", weekday: "short" }),
    weekday: (iso: string) => date(iso, { weekday: "short" }),
    dayOfMonth: (iso: string) => date(iso, { day: "numeric" }).replace(/\D/g, ""),
    month: (iso: string) => date(iso, { month: "short" }),
    time: (iso: string) => date(iso, { hour: "2-digit", minute: "2-digit" }),
    dateTime: (iso: string) =>
      t("datetime", {
        date: date(iso, { year: "numeric", month: "long", day: "numeric" }),
        weekday: date(iso, { weekday: "short" }),
        time: date(iso, { hour: "2-digit", minute: "2-digit" }),
      }),
    // To the second, for records.
    exact: (iso: string) => date(iso, { dateStyle: "medium", timeStyle: "medium" }),
    // Calendar days without a time: from when, or from when to when.
    days: (from: string, to?: string | null) => {
      const format = new Intl.DateTimeFormat(locale, {
        timeZone: "UTC",
        year: "numeric",
        month: language === "ko" ? "numeric" : "short",
        day: "numeric",
      });
      const start = new Date(from.slice(0, 10));
      return to ? format.formatRange(start, new Date(to.slice(0, 10))) : format.format(start);
    },
    // The same in little room: no year while it is the present one.
    shortDays: (from: string, to?: string | null) => {
      const [start, end] = [new Date(from.slice(0, 10)), new Date((to ?? from).slice(0, 10))];
      const thisYear = [start, end].every((each) => each.getUTCFullYear() === new Date().getUTCFullYear());
      return new Intl.DateTimeFormat(locale, {
        timeZone: "UTC",
        month: language === "ko" ? "long" : "short",
        day: "numeric",
        ...(thisYear ? {} : { year: "2-digit", month: "numeric" }),
      }).formatRange(start, end);
    },
    // About how long: "40 sec", "3 min", "1 h 10 min".
    about: (seconds: number) => {
      if (seconds < 60) return t("duration.seconds", { n: Math.max(5, Math.ceil(seconds / 5) * 5) });
      const minutes = Math.ceil(seconds / 60);
      if (minutes < 60) return t("duration.minutes", { n: minutes });
      return t("duration.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
    },
  };
}
