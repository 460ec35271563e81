import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import type { AdminRoom } from "../api/types";
import { ApiError } from "../api/client";
import { durationText, useFormat } from "../app/format";
import { useTitle } from "../app/hooks";
import { ButtonLink } from "../app/ui/Button";
import { Icon } from "../app/ui/icons";
import { Badge, Failure } from "../app/ui/states";
import { AuditLog } from "./AuditLog";
import { Invites } from "./Invites";
import { LiveControls } from "./LiveControls";
import { LotteryGuide } from "./LotteryGuide";
import { ConsoleSkeleton, Forbidden, Operators } from "./Operators";
import { Pending } from "./Pending";
import { PlanEditor } from "./PlanEditor";
import { useAdminRoom, useRoomNow, useRoomPast } from "./queries";
import { RoomCharts } from "./RoomCharts";
import { RoomRules } from "./RoomRules";

const PARTS = ["live", "rules", "plan", "lottery", "invites", "log"] as const;
type Part = (typeof PARTS)[number];

function Parts({ now }: { now: Part }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("console.parts")} className="flex flex-wrap gap-x-0.5 gap-y-1 border-b sm:gap-x-1 border-line pb-2">
      {PARTS.map((part) => (
        <Link
          key={part}
          to={part === "live" ? "?" : `?part=${part}`}
          aria-current={part === now ? "page" : undefined}
          className="flex min-h-11 items-center rounded-lg px-2 text-sm sm:px-3 font-semibold text-ink-2 hover:bg-sunken aria-[current=page]:bg-sunken aria-[current=page]:text-ink"
        >
          {t(`console.part_${part}`)}
        </Link>
      ))}
    </nav>
  );
}

function Console({ room, part }: { room: AdminRoom; part: Part }) {
  const { t } = useTranslation();
  const { number, foreign } = useFormat();
  const now = useRoomNow(room);
  const { past, stale } = useRoomPast(room.id);
  const eta = past?.samples.at(-1)?.eta;
  const figures: [string, string][] = [
    [t("rooms.waiting"), number(now.waiting)],
    [t("rooms.active"), `${number(now.active)} / ${number(now.capacity)}`],
    [t("console.admitted_short"), number(room.admitted_last_minute)],
    [t("rooms.rate"), number(now.admit_per_minute)],
    [t("console.newcomer_waits"), eta ? durationText(eta.p80_seconds * 1000) : "–"],
  ];
  return (
    <div className="container-page flex flex-col gap-5 py-6 md:py-8">
      <div className="flex flex-col gap-1">
        <Link to="/admin/rooms" className="flex min-h-9 w-fit items-center gap-1 rounded-lg text-sm font-semibold text-ink-2">
          <Icon name="left" />
          {t("rooms.title")}
        </Link>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 lang={foreign(room.name)} className="text-2xl font-bold">
            {room.name}
          </h1>
          <Badge tone={now.mode === "queue" || now.mode === "open" ? "accent" : "warn"}>
            {t(`room.mode_${now.mode}`)}
          </Badge>
        </div>
        <p className="text-xs text-ink-3">{room.id}</p>
      </div>
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-5">
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt className="text-sm text-ink-3">{label}</dt>
            <dd className="number text-xl font-bold">{value}</dd>
          </div>
        ))}
      </dl>
      {room.pending && <Pending room={room} pending={room.pending} />}
      <Parts now={part} />
      {part === "live" && (
        <div className="grid items-start gap-6 lg:grid-cols-[22rem_minmax(0,1fr)]">
          <LiveControls room={room} now={now} />
          <RoomCharts room={room} past={past} stale={stale} />
        </div>
      )}
      {part === "rules" && <RoomRules room={room} />}
      {part === "plan" && <PlanEditor room={room} />}
      {part === "lottery" && <LotteryGuide room={room} />}
      {part === "invites" && <Invites room={room} />}
      {part === "log" && <AuditLog room={room} />}
    </div>
  );
}

function Loaded({ id }: { id: string }) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const part = PARTS.find((each) => each === search.get("part")) ?? "live";
  const room = useAdminRoom(id);
  useTitle(`${room.data?.name ?? t("rooms.title")} · ${t(`console.part_${part}`)}`);
  if (room.isPending) return <ConsoleSkeleton />;
  if (room.data) return <Console key={id} room={room.data} part={part} />;
  if (room.error instanceof ApiError && room.error.status === 403) return <Forbidden />;
  return (
    <div className="container-page">
      <Failure
        error={room.error}
        onRetry={() => void room.refetch()}
        busy={room.isFetching}
        actions={
          <ButtonLink look="secondary" to="/admin/rooms">
            {t("rooms.title")}
          </ButtonLink>
        }
      />
    </div>
  );
}

export default function RoomPage() {
  const { room = "" } = useParams();
  return (
    <Operators>
      <Loaded id={room} />
    </Operators>
  );
}
