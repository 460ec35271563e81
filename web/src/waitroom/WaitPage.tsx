import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { ApiError } from "../api/client";
import type { Room } from "../api/types";
import { announce } from "../app/announce";
import { useFormat } from "../app/format";
import { useTitle } from "../app/hooks";
import { NotFoundPage } from "../app/NotFoundPage";
import { Alert } from "../app/ui/Alert";
import { Button, ButtonLink } from "../app/ui/Button";
import { Blank, Failure, Loading, Skeleton } from "../app/ui/states";
import { hallName } from "../catalogue/names";
import { usePerformance, useShow } from "../catalogue/queries";
import type { FeedLink } from "./placeFeed";
import { LeaveDialog } from "./LeaveDialog";
import { readPlace } from "./placeStore";
import { useRoom } from "./queries";
import { usePlace, type Standing } from "./usePlace";
import { Admitted, Prequeue, Waiting } from "./standings";

const MOVE_AFTER_MS = 1200;

function WaitingFor({ performanceId, room }: { performanceId: string | undefined; room: Room | undefined }) {
  const { dateTime } = useFormat();
  const performance = usePerformance(performanceId);
  const show = useShow(performance.data?.show_id);
  return (
    <div className="flex items-center gap-4">
      {show.data?.poster_url && (
        <img
          src={show.data.poster_url}
          alt=""
          width={56}
          height={84}
          className="aspect-[2/3] w-14 shrink-0 rounded-lg object-cover"
        />
      )}
      <div className="min-w-0">
        <h1 className="text-lg font-bold">{show.data?.title ?? room?.name}</h1>
        {performance.data && (
          <p className="text-sm text-ink-2">
            {dateTime(performance.data.starts_at)}
            <span className="block">{hallName(performance.data.hall)}</span>
          </p>
        )}
      </div>
    </div>
  );
}

function LinkNote({ link }: { link: FeedLink }) {
  const { t } = useTranslation();
  const dot = { live: "bg-accent", polling: "bg-line-strong", broken: "bg-danger" }[link];
  return (
    <p className="flex items-center gap-2 text-sm text-ink-3">
      <span className={`size-2 rounded-full ${dot}`} aria-hidden="true" />
      {t(`wait.link_${link}`)}
    </p>
  );
}

// Says a new position aloud, but not every one of them.
function useSpoken(standing: Standing) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const spoken = useRef<number>(undefined);
  const position = standing.step === "inside" ? standing.view.position : undefined;
  const state = standing.step === "inside" ? standing.view.state : undefined;
  useEffect(() => {
    if (state !== "waiting" || position === undefined) return;
    const last = spoken.current;
    if (last !== undefined && position > last * 0.8 && position > 3) return;
    if (last === position) return;
    spoken.current = position;
    announce(t("wait.spoken_position", { n: number(position) }));
  }, [state, position, t, number]);
  useEffect(() => {
    if (state === "admitted") announce(t("wait.admitted_title"));
  }, [state, t]);
}

export default function WaitPage() {
  const { t } = useTranslation();
  const { number } = useFormat();
  const { room: roomId = "" } = useParams();
  const [search] = useSearchParams();
  const performance = search.get("performance") ?? readPlace(roomId)?.performance;
  const room = useRoom(roomId);
  const { standing, link, rejoin } = usePlace(roomId, performance);
  const navigate = useNavigate();
  const [leaving, setLeaving] = useState(false);
  useSpoken(standing);

  const view = standing.step === "inside" ? standing.view : undefined;
  useTitle(
    view?.state === "waiting" && view.position !== undefined
      ? t("wait.tab_title", { n: number(view.position) })
      : view?.state === "admitted"
        ? t("wait.tab_admitted")
        : t("wait.title"),
  );

  const admitted = view?.state === "admitted";
  useEffect(() => {
    if (!admitted || !performance) return undefined;
    const timer = setTimeout(
      () => void navigate(`/performances/${performance}`, { replace: true }),
      MOVE_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [admitted, performance, navigate]);

  const home = <ButtonLink look="secondary" to="/">{t("common.to_home")}</ButtonLink>;
  if (standing.step === "refused") {
    const { error } = standing;
    if (error instanceof ApiError && error.code === "room_not_found") return <NotFoundPage />;
    if (error instanceof ApiError && error.code === "room_closed") {
      return (
        <div className="container-page">
          <Blank icon="clock" title={t("wait.closed_title")} actions={home}>
            {room.data?.message || t("wait.closed_text")}
          </Blank>
        </div>
      );
    }
    return (
      <div className="container-page">
        <Failure error={error} onRetry={rejoin} actions={home} />
      </div>
    );
  }
  const over = view?.state === "expired" || view?.state === "left" || view?.state === "completed";
  if (standing.step === "lost" || over) {
    const why = standing.step === "lost" ? "lost" : view?.state;
    return (
      <div className="container-page">
        <Blank
          icon="clock"
          title={t(`wait.${why}_title`)}
          actions={
            <>
              <Button onClick={rejoin}>{t("wait.rejoin")}</Button>
              {home}
            </>
          }
        >
          {t(`wait.${why}_text`)}
        </Blank>
      </div>
    );
  }

  const paused = room.data?.mode === "paused";
  return (
    <div className="container-page flex grow flex-col py-6 md:py-10">
      <div className="mx-auto flex w-full max-w-xl grow flex-col gap-6">
        <WaitingFor performanceId={performance} room={room.data} />
        {room.data?.message && !admitted && (
          <Alert tone="info" title={t("wait.message")}>
            {room.data.message}
          </Alert>
        )}
        {paused && view?.state === "waiting" && (
          <Alert tone="warn" title={t("wait.paused_title")}>
            {t("wait.paused_text")}
          </Alert>
        )}
        {standing.step === "joining" && (
          <Loading>
            <Skeleton className="h-72 w-full rounded-2xl" />
          </Loading>
        )}
        {standing.step === "inside" && view?.state === "waiting" && (
          <Waiting
            view={view}
            history={standing.history}
            firstPosition={standing.firstPosition}
            paused={paused}
          />
        )}
        {view?.state === "prequeue" && (
          <Prequeue opensAt={view.opens_at ?? room.data?.opens_at} waiting={view.waiting} />
        )}
        {admitted && <Admitted performance={performance} />}
        {view && !admitted && (
          <>
            <div className="flex items-center justify-between gap-4">
              <LinkNote link={link} />
              <Button look="quiet" size="sm" className="text-ink-2" onClick={() => setLeaving(true)}>
                {t("wait.leave")}
              </Button>
            </div>
            <ul className="flex list-disc flex-col gap-1.5 pl-5 text-sm text-ink-2">
              <li>{t("wait.tip_move")}</li>
              <li>{t("wait.tip_tab")}</li>
              <li>{t("wait.tip_fair")}</li>
            </ul>
          </>
        )}
      </div>
      {leaving && (
        <LeaveDialog
          room={roomId}
          words={{
            title: t("wait.leave_title"),
            text: t("wait.leave_text"),
            stay: t("wait.stay"),
            leave: t("wait.leave"),
          }}
          onLeft={() => void navigate("/", { replace: true })}
          onClose={() => setLeaving(false)}
        />
      )}
    </div>
  );
}
