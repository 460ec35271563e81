import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { OfficeJob } from "../api/types";
import { durationText, useFormat } from "../app/format";
import { Badge } from "../app/ui/states";

// A performance that is called off: how far everybody's money is on its way back.
export function JobCard({ job }: { job: OfficeJob }) {
  const { t } = useTranslation();
  const { money, number, dateTime, exact, foreign } = useFormat();
  const id = useId();
  const left = job.total - job.done;
  const facts: [string, string][] = [
    [t("jobs.reservations"), t("jobs.of", { done: number(job.done), total: number(job.total) })],
    [t("jobs.refunds_done"), number(job.refunds_done)],
    [t("jobs.refunds_under_way"), number(job.refunds_under_way)],
    [t("jobs.refunded"), money(job.refunded, job.currency)],
  ];
  return (
    <article aria-labelledby={id} className="card flex flex-col gap-3 p-4 sm:p-5">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <h3 id={id} lang={foreign(job.show_title)} className="text-base font-bold">
            {job.show_title ?? job.performance_id}
          </h3>
          <p className="number text-sm text-ink-2">
            {job.starts_at && dateTime(job.starts_at)}
            {job.hall && <span lang={foreign(job.hall)}>{` · ${job.hall}`}</span>}
          </p>
        </div>
        <Badge tone={job.state === "running" ? "warn" : "accent"}>{t(`jobs.state_${job.state}`)}</Badge>
      </div>
      <div
        role="progressbar"
        aria-label={t("jobs.progress")}
        aria-valuemin={0}
        aria-valuemax={job.total}
        aria-valuenow={job.done}
        className="h-2 overflow-hidden rounded-full bg-line"
      >
        <div
          className="h-full rounded-full bg-accent"
          style={{ width: `${job.total ? (job.done / job.total) * 100 : 100}%` }}
        />
      </div>
      <dl className="number grid grid-cols-2 gap-3 text-sm sm:grid-cols-4">
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt className="text-ink-3">{term}</dt>
            <dd className="font-semibold">{value}</dd>
          </div>
        ))}
      </dl>
      {job.state === "running" && left > 0 && (
        <p className="number text-sm text-ink-2">
          {t("jobs.pace", {
            n: number(job.per_second),
            left: durationText(Math.ceil(left / Math.max(1, job.per_second)) * 1000),
          })}
        </p>
      )}
      <p className="text-sm text-ink-2">
        {t("jobs.reason")} <span lang={foreign(job.reason)}>{job.reason}</span>
        <span className="number block text-ink-3">{exact(job.at)}</span>
      </p>
      {job.problems.length > 0 && (
        <div className="flex flex-col gap-1 rounded-xl bg-danger-soft p-3 text-sm">
          <p className="font-semibold">{t("jobs.problems", { n: number(job.problems.length), count: job.problems.length })}</p>
          <ul className="number flex flex-col gap-0.5">
            {job.problems.slice(0, 10).map((problem) => (
              <li key={problem.refund_id} className="wrap-anywhere">
                {problem.reservation_id}
              </li>
            ))}
          </ul>
          <Link to="/admin/money" className="w-fit font-semibold text-accent underline">
            {t("jobs.to_refunds")}
          </Link>
        </div>
      )}
      {job.room_id && (
        <p className="text-sm text-ink-2">
          {t("jobs.room")}{" "}
          <Link to={`/admin/rooms/${encodeURIComponent(job.room_id)}`} className="text-accent underline">
            {job.room_id}
          </Link>
        </p>
      )}
    </article>
  );
}
