import { useTranslation } from "react-i18next";
import type { PlaceView } from "../api/types";
import { durationText, useFormat } from "../app/format";
import { useCountdown } from "../app/hooks";
import { ButtonLink, Spinner } from "../app/ui/Button";
import { Icon } from "../app/ui/icons";

const WIDTH = 300;
const HEIGHT = 48;
const SHOW_BELOW = 0.95; // a flat line says nothing

// The way the position fell since the visitor came.
function Sparkline({ points }: { points: number[] }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 3 || last > first * SHOW_BELOW) return null;
  const step = WIDTH / (points.length - 1);
  const line = points
    .map((value, index) => `${(index * step).toFixed(1)},${(4 + (1 - value / first) * (HEIGHT - 8)).toFixed(1)}`)
    .join(" ");
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t("wait.chart", { from: number(first), to: number(last) })}
      className="h-12 w-full"
    >
      <polygon className="fill-accent-soft" points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
      <polyline
        className="fill-none stroke-accent"
        strokeWidth="2.5"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
        points={line}
      />
    </svg>
  );
}

type WaitingProps = {
  view: PlaceView;
  history: number[];
  firstPosition: number | undefined;
  paused: boolean;
};

export function Waiting({ view, history, firstPosition, paused }: WaitingProps) {
  const { t } = useTranslation();
  const { number, about } = useFormat();
  const position = view.position ?? 0;
  const start = Math.max(firstPosition ?? position, position, 1);
  return (
    <section aria-labelledby="position" className="card flex flex-col gap-5 p-6 shadow-card sm:p-8">
      <div className="text-center">
        <h2 id="position" className="text-base font-semibold text-ink-2">
          {t("wait.position")}
        </h2>
        <p className="number text-display font-bold tracking-tighter" data-testid="position">
          {number(position)}
        </p>
        <p className="number text-base text-ink-2">
          {position <= 1 ? t("wait.next") : t("wait.ahead", { n: number(position - 1), count: position - 1 })}
        </p>
      </div>
      <div
        role="progressbar"
        aria-label={t("wait.progress")}
        aria-valuemin={0}
        aria-valuemax={start}
        aria-valuenow={start - position}
        className="h-2 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className="h-full rounded-full bg-accent transition-[width] duration-700"
          style={{ width: `${((start - position) / start) * 100}%` }}
        />
      </div>
      <Sparkline points={history} />
      <dl className="grid grid-cols-2 gap-4 border-t border-line pt-5">
        <div>
          <dt className="text-sm text-ink-3">{t("wait.eta")}</dt>
          <dd className="number text-lg font-bold">
            {view.eta && !paused ? t("wait.eta_p80", { time: about(view.eta.p80_seconds) }) : t(paused ? "wait.eta_paused" : "wait.eta_none")}
          </dd>
          {view.eta && !paused && (
            <dd className="number text-sm text-ink-3">
              {t("wait.eta_p50", { time: about(view.eta.p50_seconds) })}
            </dd>
          )}
        </div>
        <div>
          <dt className="text-sm text-ink-3">{t("wait.waiting")}</dt>
          <dd className="number text-lg font-bold">
            {t("wait.people", { n: number(view.waiting ?? position), count: view.waiting ?? position })}
          </dd>
        </div>
      </dl>
    </section>
  );
}

export function Prequeue({ opensAt, waiting }: { opensAt?: string | null; waiting?: number }) {
  const { t } = useTranslation();
  const { dateTime, number } = useFormat();
  const left = useCountdown(opensAt);
  return (
    <section className="card flex flex-col items-center gap-3 p-6 text-center shadow-card sm:p-8">
      <h2 className="text-base font-semibold text-ink-2">{t("wait.prequeue_title")}</h2>
      {left !== undefined && (
        <p role="timer" className="number text-display font-bold tracking-tighter">
          {durationText(left)}
        </p>
      )}
      {opensAt && <p className="text-base">{t("wait.prequeue_at", { time: dateTime(opensAt) })}</p>}
      {waiting !== undefined && waiting > 0 && (
        <p className="number text-sm text-ink-3">
          {t("wait.prequeue_waiting", { n: number(waiting), count: waiting })}
        </p>
      )}
      <p className="text-sm text-ink-2">{t("wait.prequeue_text")}</p>
    </section>
  );
}

export function Admitted({ performance }: { performance: string | undefined }) {
  const { t } = useTranslation();
  return (
    <section className="card flex flex-col items-center gap-4 p-8 text-center shadow-card sm:p-10">
      <span className="grid size-16 place-items-center rounded-full bg-accent text-2xl text-on-accent">
        <Icon name="check" />
      </span>
      <h2 className="text-xl font-bold">{t("wait.admitted_title")}</h2>
      {performance ? (
        <>
          <p className="flex items-center gap-2 text-ink-2">
            <Spinner />
            {t("wait.admitted_text")}
          </p>
          <ButtonLink to={`/performances/${performance}`} replace>
            {t("wait.to_seats")}
          </ButtonLink>
        </>
      ) : (
        <>
          <p className="text-ink-2">{t("wait.admitted_choose")}</p>
          <ButtonLink to="/">{t("common.to_home")}</ButtonLink>
        </>
      )}
    </section>
  );
}
