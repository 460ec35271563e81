import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { LIMITS } from "../api/limits";
import type { AdminRoom, RoomMode } from "../api/types";
import { useFormat } from "../app/format";
import { ButtonLink } from "../app/ui/Button";
import { Segmented } from "../app/ui/Segmented";
import { Badge } from "../app/ui/states";
import { MODES } from "./changes";
import LineChart from "./LineChart";
import { useRoomLive } from "./queries";
import { NumberSetting, TextSetting } from "./settings";
import { TimeSettings } from "./TimeSettings";
import { useSetting } from "./useSetting";

function Figures({ items }: { items: [label: string, value: string][] }) {
  return (
    <dl className="grid grid-cols-3 gap-3">
      {items.map(([label, value]) => (
        <div key={label}>
          <dt className="text-sm text-ink-3">{label}</dt>
          <dd className="number text-xl font-bold">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function RoomCard({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { number, foreign } = useFormat();
  const { now, samples } = useRoomLive(room);
  const { apply, busy, error, question } = useSetting(room, now);
  const titleId = useId();
  // Shows the wanted mode at once, the real one as soon as the server has answered.
  const [wanted, setWanted] = useState<RoomMode>();
  const applyMode = (mode: RoomMode) => {
    setWanted(mode);
    apply({ mode }, () => setWanted(undefined));
  };
  return (
    <article aria-labelledby={titleId} className="card flex min-w-0 flex-col gap-5 p-4 sm:p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0">
          <h2 id={titleId} lang={foreign(room.name)} className="text-lg font-bold">
            {room.name}
          </h2>
          <p className="text-xs text-ink-3">{room.id}</p>
        </div>
        {room.pending && <Badge tone="warn">{t("console.pending_badge")}</Badge>}
        <Segmented
          label={t("rooms.mode")}
          value={wanted ?? now.mode}
          disabled={busy("mode")}
          wrap
          options={MODES.map((each) => ({ value: each, label: t(`room.mode_${each}`) }))}
          onChange={applyMode}
        />
      </div>
      {error("mode") && (
        <p role="alert" className="text-sm text-danger">
          {error("mode")}
        </p>
      )}
      <Figures
        items={[
          [t("rooms.waiting"), number(now.waiting)],
          [t("rooms.active"), `${number(now.active)} / ${number(now.capacity)}`],
          [t("rooms.rate"), number(now.admit_per_minute)],
        ]}
      />
      <LineChart
        at={samples.at}
        lines={[
          { label: t("rooms.waiting"), look: "main", values: samples.waiting },
          { label: t("rooms.active"), look: "second", values: samples.active },
        ]}
        text={t("rooms.chart", { waiting: now.waiting, active: now.active, capacity: now.capacity })}
      />
      <div className="grid grid-cols-2 gap-3">
        <NumberSetting
          label={t("rooms.capacity")}
          value={now.capacity}
          {...LIMITS.RoomPatchBody.capacity}
          busy={busy("capacity")}
          error={error("capacity")}
          onApply={(capacity) => apply({ capacity })}
        />
        <NumberSetting
          label={t("rooms.rate")}
          value={now.admit_per_minute}
          {...LIMITS.RoomPatchBody.admit_per_minute}
          busy={busy("admit_per_minute")}
          error={error("admit_per_minute")}
          onApply={(rate) => apply({ admit_per_minute: rate })}
        />
      </div>
      <TextSetting
        label={t("rooms.message")}
        hint={t("rooms.message_hint")}
        value={room.message}
        busy={busy("message")}
        error={error("message")}
        onApply={(message) => apply({ message })}
      />
      <details className="group border-t border-line pt-3">
        <summary className="flex min-h-9 list-none items-center justify-between rounded-lg text-sm font-semibold text-ink-2">
          {t("rooms.more")}
          <span className="text-lg text-ink-3 transition-transform group-open:rotate-45" aria-hidden="true">
            {"+"}
          </span>
        </summary>
        <TimeSettings room={room} />
      </details>
      <ButtonLink
        to={`/admin/rooms/${room.id}`}
        look="secondary"
        aria-label={t("console.to_room_of", { room: room.name })}
      >
        {t("console.to_room")}
      </ButtonLink>
      {question}
    </article>
  );
}
