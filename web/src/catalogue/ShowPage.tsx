import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { ApiError } from "../api/client";
import type { ShowDetail } from "../api/types";
import { useFormat } from "../app/format";
import { useTitle } from "../app/hooks";
import { NotFoundPage } from "../app/NotFoundPage";
import { Icon } from "../app/ui/icons";
import { Failure, Loading, Skeleton } from "../app/ui/states";
import { useRoom } from "../waitroom/queries";
import { PerformanceList } from "./PerformanceList";
import { Poster } from "./Poster";
import { usePerformances, useShow } from "./queries";
import { SaleBadge } from "./SaleBadge";

type FactProps = { term: string; children: ReactNode; wideOnly?: boolean };

function Fact({ term, children, wideOnly = false }: FactProps) {
  return (
    <div className={`flex gap-4 text-sm ${wideOnly ? "max-md:hidden" : ""}`}>
      <dt className="w-20 shrink-0 text-ink-3">{term}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function Facts({ show }: { show: ShowDetail }) {
  const { t } = useTranslation();
  const { days, foreign } = useFormat();
  const performers = show.performers.map((each) => each.name).join(", ");
  const venue = show.venue?.name;
  return (
    <dl className="flex flex-col gap-2">
      {show.starts_on && (
        <Fact term={t("show.dates")} wideOnly>
          {days(show.starts_on, show.ends_on)}
        </Fact>
      )}
      {venue && <Fact term={t("show.venue")} wideOnly><span lang={foreign(venue)}>{venue}</span></Fact>}
      {show.running_minutes > 0 && (
        <Fact term={t("show.running")}>{t("show.minutes", { n: show.running_minutes })}</Fact>
      )}
      {show.age_rating && (
        <Fact term={t("show.age")}>
          {/^\d+$/.test(show.age_rating)
            ? Number(show.age_rating) === 0
              ? t("show.age_all")
              : t("show.age_from", { n: show.age_rating })
            : t(`age.${show.age_rating}`, show.age_rating)}
        </Fact>
      )}
      {performers && (
        <Fact term={t("show.performers")}>
          <span lang={foreign(performers)}>{performers}</span>
        </Fact>
      )}
    </dl>
  );
}

function RoomNote({ roomId }: { roomId: string }) {
  const { t } = useTranslation();
  const { number, dateTime, foreign } = useFormat();
  const room = useRoom(roomId);
  if (room.isPending) return <Skeleton className="h-10 w-full max-w-md" />; // what follows does not move
  if (!room.data) return null;
  const { mode, waiting, opens_at: opensAt, message } = room.data;
  const text =
    mode === "prequeue" && opensAt
      ? t("room.note_prequeue", { time: dateTime(opensAt) })
      : mode === "queue" && waiting > 0
        ? t("room.note_queue", { n: number(waiting) })
        : t(`room.note_${mode === "queue" ? "quiet" : mode}`);
  return (
    <p className="flex items-start gap-2 text-sm text-ink-2">
      <Icon name="people" className="mt-0.5 shrink-0" />
      <span>
        {text}
        {message && (
          <span lang={foreign(message)} className="block text-ink">
            {message}
          </span>
        )}
      </span>
    </p>
  );
}

function ShowSkeleton() {
  return (
    <Loading>
      <div className="container-page grid gap-8 py-8 md:grid-cols-[18rem_1fr]">
        <Skeleton className="aspect-[2/3] w-40 rounded-xl md:w-full" />
        <div className="flex flex-col gap-4">
          <Skeleton className="h-9 w-2/3" />
          <Skeleton className="h-5 w-full" />
          <Skeleton className="h-28 w-full" />
          <Skeleton className="h-28 w-full" />
        </div>
      </div>
    </Loading>
  );
}

export default function ShowPage() {
  const { t } = useTranslation();
  const { show: id = "" } = useParams();
  const { days, foreign } = useFormat();
  const show = useShow(id);
  const performances = usePerformances(id);
  useTitle(show.data?.title);

  if (show.isPending) return <ShowSkeleton />;
  if (show.isError) {
    if (show.error instanceof ApiError && show.error.status === 404) return <NotFoundPage />;
    return (
      <div className="container-page">
        <Failure error={show.error} onRetry={() => void show.refetch()} busy={show.isFetching} />
      </div>
    );
  }
  const data = show.data;
  return (
    <div className="container-page grid gap-x-12 gap-y-8 py-6 md:grid-cols-[18rem_minmax(0,1fr)] md:py-12">
      <div className="flex gap-4 md:block">
        <Poster url={data.poster_url} title={data.title} eager className="w-32 shrink-0 shadow-card md:w-full" />
        <div className="flex min-w-0 flex-col gap-2 md:hidden">
          <div className="flex flex-wrap items-center gap-2">
            <SaleBadge state={data.sale_state} available={data.seats_available} total={data.seats_total} calledOff={data.called_off} />
            <span className="text-sm text-ink-3">{t(`kind.${data.kind}`, data.kind)}</span>
          </div>
          <p aria-hidden="true" lang={foreign(data.title)} className="text-xl font-bold">
            {data.title}
          </p>
          {data.starts_on && (
            <p className="number text-sm text-ink-2">{days(data.starts_on, data.ends_on)}</p>
          )}
          <p lang={foreign(data.venue?.name)} className="text-sm text-ink-2">
            {data.venue?.name}
          </p>
        </div>
      </div>
      <div className="flex min-w-0 flex-col gap-8">
        <div className="flex flex-col gap-4">
          <div className="flex items-center gap-2 max-md:hidden">
            <SaleBadge state={data.sale_state} available={data.seats_available} total={data.seats_total} calledOff={data.called_off} />
            <span className="text-sm text-ink-3">{t(`kind.${data.kind}`, data.kind)}</span>
          </div>
          <h1 lang={foreign(data.title)} className="text-2xl font-bold max-md:sr-only">
            {data.title}
          </h1>
          {(data.description || data.summary) && (
            <p
              lang={foreign(data.description || data.summary)}
              className="max-w-prose whitespace-pre-line text-ink-2"
            >
              {data.description || data.summary}
            </p>
          )}
          <Facts show={data} />
        </div>
        <section aria-labelledby="performances" className="flex flex-col gap-4">
          <div className="flex flex-col gap-2">
            <h2 id="performances" className="text-xl font-bold">
              {t("performance.title")}
            </h2>
            {data.called_off && <p className="max-w-prose text-ink-2">{t("show.called_off")}</p>}
            {data.room_id && data.sale_state !== "ended" && <RoomNote roomId={data.room_id} />}
          </div>
          {performances.isPending && (
            <Loading>
              <Skeleton className="mb-3 h-20 w-full" />
              <Skeleton className="h-28 w-full" />
            </Loading>
          )}
          {performances.isError && (
            <Failure
              error={performances.error}
              onRetry={() => void performances.refetch()}
              busy={performances.isFetching}
            />
          )}
          {performances.data && (
            <PerformanceList
              performances={performances.data}
              currency={data.currency}
              roomId={data.room_id}
            />
          )}
        </section>
      </div>
    </div>
  );
}
