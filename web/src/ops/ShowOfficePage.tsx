import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ApiError } from "../api/client";
import { serverNow } from "../api/clock";
import type { Performance, ShowDetail } from "../api/types";
import { announce } from "../app/announce";
import { useFormat } from "../app/format";
import { useTitle } from "../app/hooks";
import { NotFoundPage } from "../app/NotFoundPage";
import { Button } from "../app/ui/Button";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import { inputClass } from "../app/ui/Field";
import { Icon } from "../app/ui/icons";
import { Badge, Failure, Loading, Skeleton } from "../app/ui/states";
import { hallName } from "../catalogue/names";
import { usePerformances, useShow } from "../catalogue/queries";
import { SaleBadge } from "../catalogue/SaleBadge";
import { JobCard } from "./JobCard";
import { useCallOff, useJobs } from "./office";
import { Operators } from "./Operators";
import { PolicyEditor } from "./PolicyEditor";

const REASON_MAX = 200; // characters, as the server takes them

type CallOffProps = { show: ShowDetail; performance: Performance; onClose: () => void };

// Says what it means before it is done: it can't be taken back.
function CallOffDialog({ show, performance, onClose }: CallOffProps) {
  const { t } = useTranslation();
  const { dateTime, number } = useFormat();
  const call = useCallOff(performance.id);
  const [reason, setReason] = useState("");
  const id = useId();
  const sold = performance.seats_total - performance.seats_available;
  return (
    <ConfirmDialog
      title={t("shows_page.call_off_title", { show: show.title, at: dateTime(performance.starts_at) })}
      keep={t("console.keep")}
      act={t("shows_page.call_off_do")}
      busy={call.isPending}
      error={call.error}
      disabled={!reason.trim()}
      onAct={() =>
        call.mutate(reason.trim(), {
          onSuccess: () => {
            announce(t("shows_page.called_off_said"));
            onClose();
          },
        })
      }
      onClose={onClose}
    >
      <p>{t("shows_page.call_off_text")}</p>
      <p className="number font-semibold text-ink">{t("shows_page.taken", { n: number(sold), count: sold })}</p>
      {show.room_id && <p>{t("shows_page.call_off_room")}</p>}
      <div className="flex flex-col gap-1.5">
        <label htmlFor={id} className="text-sm font-semibold text-ink">
          {t("shows_page.reason")}
        </label>
        <textarea
          id={id}
          rows={2}
          required
          maxLength={REASON_MAX}
          value={reason}
          aria-describedby={`${id}-note`}
          className={`${inputClass} border-line-strong`}
          onChange={(event) => setReason(event.target.value)}
        />
        <p id={`${id}-note`} className="text-sm text-ink-3">
          {t("shows_page.reason_note")}
        </p>
      </div>
    </ConfirmDialog>
  );
}

function PerformanceRow({ show, performance }: { show: ShowDetail; performance: Performance }) {
  const { t } = useTranslation();
  const { dateTime, number, foreign } = useFormat();
  const [asking, setAsking] = useState(false);
  const over = Date.parse(performance.starts_at) < serverNow();
  const taken = performance.seats_total - performance.seats_available;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line py-3">
      <div className="min-w-0 grow">
        <p className="number font-semibold">
          <time dateTime={performance.starts_at}>{dateTime(performance.starts_at)}</time>
        </p>
        <p lang={foreign(hallName(performance.hall))} className="text-sm text-ink-2">
          {hallName(performance.hall)}
        </p>
      </div>
      {!performance.called_off && (
        <span className="number text-sm text-ink-3">{t("shows_page.taken", { n: number(taken), count: taken })}</span>
      )}
      <SaleBadge
        state={performance.sale_state}
        available={performance.seats_available}
        total={performance.seats_total}
        calledOff={performance.called_off}
      />
      {!performance.called_off && (
        <Button look="secondary" size="sm" onClick={() => setAsking(true)}>
          {t("shows_page.call_off")}
          <span className="sr-only">{` · ${dateTime(performance.starts_at)}`}</span>
        </Button>
      )}
      {over && performance.called_off && <Badge>{t("sale.ended")}</Badge>}
      {asking && <CallOffDialog show={show} performance={performance} onClose={() => setAsking(false)} />}
    </li>
  );
}

function Office({ show }: { show: ShowDetail }) {
  const { t } = useTranslation();
  const { foreign } = useFormat();
  const performances = usePerformances(show.id);
  const jobs = useJobs();
  useTitle(show.title);
  const own = jobs.data?.pages.flatMap(({ items }) => items).filter(({ show_id: of }) => of === show.id) ?? [];
  return (
    <div className="container-page flex flex-col gap-8 py-6 md:py-10">
      <div className="flex items-start gap-2">
        <Link
          to="/admin/shows"
          className="-ml-2 grid size-11 shrink-0 place-items-center rounded-lg hover:bg-sunken"
          aria-label={t("shows_page.back")}
        >
          <Icon name="left" />
        </Link>
        <h1 lang={foreign(show.title)} className="pt-1 text-2xl font-bold">
          {show.title}
        </h1>
      </div>
      {own.length > 0 && (
        <section aria-labelledby="jobs" className="flex flex-col gap-3">
          <h2 id="jobs" className="text-lg font-bold">
            {t("jobs.title")}
          </h2>
          <ul className="grid items-start gap-4 lg:grid-cols-2">
            {own.map((job) => (
              <li key={job.id}>
                <JobCard job={job} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="performances">
        <h2 id="performances" className="mb-3 text-lg font-bold">
          {t("shows_page.performances")}
        </h2>
        {performances.isPending && (
          <Loading>
            <Skeleton className="h-32 w-full" />
          </Loading>
        )}
        {performances.isError && !performances.data && (
          <Failure
            error={performances.error}
            onRetry={() => void performances.refetch()}
            busy={performances.isFetching}
          />
        )}
        <ul>
          {performances.data?.map((performance) => (
            <PerformanceRow key={performance.id} show={show} performance={performance} />
          ))}
        </ul>
      </section>
      <PolicyEditor show={show} performances={performances.data ?? []} />
    </div>
  );
}

function Found() {
  const { show: id = "" } = useParams();
  const show = useShow(id);
  if (show.isPending) {
    return (
      <Loading>
        <div className="container-page py-10">
          <Skeleton className="h-64 w-full rounded-2xl" />
        </div>
      </Loading>
    );
  }
  if (show.isError) {
    if (show.error instanceof ApiError && show.error.status === 404) return <NotFoundPage />;
    return (
      <div className="container-page">
        <Failure error={show.error} onRetry={() => void show.refetch()} busy={show.isFetching} />
      </div>
    );
  }
  return <Office show={show.data} />;
}

export default function ShowOfficePage() {
  return (
    <Operators>
      <Found />
    </Operators>
  );
}
