import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Show } from "../api/types";
import { useFormat } from "../app/format";
import { Poster } from "./Poster";
import { SaleBadge } from "./SaleBadge";

// How much is sold, as a line under the poster; the words are in the badge and the label.
function SoldLine({ available, total }: { available: number; total: number }) {
  const { t } = useTranslation();
  const { percent } = useFormat();
  if (total <= 0) return null;
  const sold = (total - available) / total;
  return (
    <div
      role="img"
      aria-label={t("show.sold_share", { share: percent(sold) })}
      className="h-1 overflow-hidden rounded-full bg-line"
    >
      <div className="h-full rounded-full bg-accent" style={{ width: `${sold * 100}%` }} />
    </div>
  );
}

export function ShowCard({ show, eager }: { show: Show; eager: boolean }) {
  const { t } = useTranslation();
  const { money, shortDays, foreign } = useFormat();
  return (
    <article className="group relative flex flex-col gap-2.5">
      <Poster
        url={show.poster_url}
        title={show.title}
        eager={eager}
        className={`shadow-card ${show.sale_state === "ended" ? "opacity-60 grayscale" : ""}`}
      />
      <SoldLine available={show.seats_available} total={show.seats_total} />
      <div className="flex flex-col gap-1">
        <div className="flex flex-wrap items-center gap-1.5">
          <SaleBadge
            state={show.sale_state}
            available={show.seats_available}
            total={show.seats_total}
            calledOff={show.called_off}
          />
          <span className="text-xs text-ink-3">{t(`kind.${show.kind}`, show.kind)}</span>
        </div>
        <h2 className="text-base font-bold leading-snug">
          <Link
            to={`/shows/${show.id}`}
            lang={foreign(show.title)}
            className="after:absolute after:inset-0 after:rounded-xl group-hover:underline focus-visible:outline-none focus-visible:after:outline-3 focus-visible:after:outline-offset-4 focus-visible:after:outline-accent"
          >
            {show.title}
          </Link>
        </h2>
        {show.starts_on && (
          <p className="number text-sm text-ink-3">{shortDays(show.starts_on, show.ends_on)}</p>
        )}
        {typeof show.price_from === "number" && (
          <p className="number text-sm font-semibold">
            {t("show.price_from", { price: money(show.price_from, show.currency) })}
          </p>
        )}
      </div>
    </article>
  );
}
