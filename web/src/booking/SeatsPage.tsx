import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { ApiError } from "../api/client";
import type { Performance, SeatMapData, ShowDetail } from "../api/types";
import { useFormat } from "../app/format";
import { useTitle } from "../app/hooks";
import { NotFoundPage } from "../app/NotFoundPage";
import { Button, ButtonLink } from "../app/ui/Button";
import { Icon } from "../app/ui/icons";
import { Blank, Failure, Loading, Skeleton } from "../app/ui/states";
import { hallName } from "../catalogue/names";
import { usePerformance, useShow } from "../catalogue/queries";
import { Gate } from "../waitroom/Gate";
import { LeaveDialog } from "../waitroom/LeaveDialog";
import { useSeatMap } from "./queries";
import { SeatChooser } from "./SeatChooser";

function SeatsSkeleton() {
  return (
    <Loading>
      <div className="container-page grid gap-8 py-6 lg:grid-cols-[1fr_22rem]">
        <div className="flex flex-col gap-4">
          <Skeleton className="h-8 w-2/3" />
          <Skeleton className="aspect-[4/3] w-full rounded-2xl" />
        </div>
        <Skeleton className="h-56 w-full rounded-2xl" />
      </div>
    </Loading>
  );
}

// Who came through a waiting room can let the next person in.
function GiveBack({ room, show }: { room: string; show: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button look="quiet" size="sm" className="ml-auto mt-1 text-ink-2" onClick={() => setAsking(true)}>
        {t("seat.give_back")}
      </Button>
      {asking && (
        <LeaveDialog
          room={room}
          words={{
            title: t("seat.give_back_title"),
            text: t("seat.give_back_text"),
            stay: t("seat.give_back_stay"),
            leave: t("seat.give_back"),
          }}
          onLeft={() => void navigate(`/shows/${show}`, { replace: true })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function Heading({ show, performance }: { show: ShowDetail; performance: Performance }) {
  const { t } = useTranslation();
  const { dateTime, foreign } = useFormat();
  return (
    <div className="flex items-start gap-2">
      <Link
        to={`/shows/${show.id}`}
        className="-ml-2 grid size-11 shrink-0 place-items-center rounded-lg hover:bg-sunken"
        aria-label={t("seat.back")}
      >
        <Icon name="left" />
      </Link>
      <div className="min-w-0 pt-1.5">
        <h1 lang={foreign(show.title)} className="text-lg font-bold md:text-xl">
          {show.title}
        </h1>
        <p className="text-sm text-ink-2">
          <time dateTime={performance.starts_at}>{dateTime(performance.starts_at)}</time>
          <span className="mx-1.5 text-line-strong" aria-hidden="true">
            {"·"}
          </span>
          <span lang={foreign(hallName(performance.hall))}>{hallName(performance.hall)}</span>
        </p>
      </div>
      {show.room_id && !performance.called_off && <GiveBack room={show.room_id} show={show.id} />}
    </div>
  );
}

// Nothing is sold and nobody waits: whatever was bought comes back by itself.
function CalledOff({ show, performance }: { show: ShowDetail; performance: Performance }) {
  const { t } = useTranslation();
  useTitle(t("seat.title", { show: show.title }));
  return (
    <div className="container-page flex grow flex-col gap-4 py-4 md:py-8">
      <Heading show={show} performance={performance} />
      <Blank
        icon="ticket"
        title={t("seat.called_off_title")}
        actions={
          <>
            <ButtonLink to={`/shows/${show.id}`}>{t("seat.called_off_others")}</ButtonLink>
            <ButtonLink look="secondary" to="/my/reservations">
              {t("nav.my_reservations")}
            </ButtonLink>
          </>
        }
      >
        {t("seat.called_off_text")}
      </Blank>
    </div>
  );
}

type ReadyProps = { performance: Performance; show: ShowDetail; map: SeatMapData };

function Ready({ performance, show, map }: ReadyProps) {
  const { t } = useTranslation();
  useTitle(t("seat.title", { show: show.title }));
  const stage = useMemo(() => {
    const { label } = map.stage;
    const kind = show.kind === "film" ? "screen" : "stage";
    return label.length > 2 && !/^(stage|screen)$/i.test(label) ? label : t(`seat.${kind}`);
  }, [map.stage, show.kind, t]);
  return (
    <div className="container-page flex grow flex-col gap-4 py-4 md:py-8">
      <Heading show={show} performance={performance} />
      <SeatChooser performance={performance} show={show} map={map} stage={stage} />
    </div>
  );
}

export default function SeatsPage() {
  const { performance: id = "" } = useParams();
  const performance = usePerformance(id);
  const show = useShow(performance.data?.show_id);
  const map = useSeatMap(id);

  const failed = [performance, show, map].find((query) => query.isError);
  if (failed) {
    if (failed.error instanceof ApiError && failed.error.status === 404) return <NotFoundPage />;
    return (
      <div className="container-page">
        <Failure error={failed.error} onRetry={() => void failed.refetch()} busy={failed.isFetching} />
      </div>
    );
  }
  if (!performance.data || !show.data) return <SeatsSkeleton />;
  if (performance.data.called_off) return <CalledOff show={show.data} performance={performance.data} />;
  return (
    <Gate key={id} room={show.data.room_id} performance={id} waiting={<SeatsSkeleton />}>
      {map.data ? (
        <Ready performance={performance.data} show={show.data} map={map.data} />
      ) : (
        <SeatsSkeleton />
      )}
    </Gate>
  );
}
