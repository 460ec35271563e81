import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AdminRoom, RoomChange, RoomMode } from "../api/types";
import { announce } from "../app/announce";
import { useFormat } from "../app/format";
import { Segmented } from "../app/ui/Segmented";
import { useErrorText } from "../app/ui/states";
import { useChangeRoom, useRoomLive } from "./queries";
import RoomChart from "./RoomChart";
import { NumberSetting, TextSetting, TimeSetting } from "./settings";

const MODES: RoomMode[] = ["open", "queue", "paused", "prequeue", "closed"];
const SECONDS = ["pass_seconds", "idle_seconds", "session_seconds", "grace_seconds"] as const;

export function RoomCard({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const text = useErrorText();
  const { now, samples } = useRoomLive(room);
  const change = useChangeRoom(room.id);
  const titleId = useId();
  const changing = (key: keyof RoomChange) =>
    change.isPending && change.variables !== undefined && key in change.variables;
  const apply = (next: RoomChange, done?: () => void) =>
    change.mutate(next, {
      onSuccess: () => announce(t("rooms.applied", { room: room.name })),
      onSettled: done,
    });
  const figure = (label: string, value: string) => (
    <div>
      <dt className="text-sm text-ink-3">{label}</dt>
      <dd className="number text-xl font-bold">{value}</dd>
    </div>
  );
  // Shows the wanted mode at once, the real one as soon as the server has answered.
  const [wanted, setWanted] = useState<RoomMode>();
  const applyMode = (next: RoomMode) => {
    setWanted(next);
    apply({ mode: next }, () => setWanted(undefined));
  };
  const opening = (
    <TimeSetting
      label={t("rooms.opens_at")}
      value={room.opens_at}
      busy={changing("opens_at")}
      onApply={(opensAt) => apply({ opens_at: opensAt })}
    />
  );
  return (
    <article aria-labelledby={titleId} className="card flex min-w-0 flex-col gap-5 p-4 sm:p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0">
          <h2 id={titleId} className="text-lg font-bold">
            {room.name}
          </h2>
          <p className="text-xs text-ink-3">{room.id}</p>
        </div>
        <Segmented
          label={t("rooms.mode")}
          value={wanted ?? now.mode}
          disabled={change.isPending}
          wrap
          options={MODES.map((each) => ({ value: each, label: t(`room.mode_${each}`) }))}
          onChange={applyMode}
        />
      </div>
      <dl className="grid grid-cols-3 gap-3">
        {figure(t("rooms.waiting"), number(now.waiting))}
        {figure(t("rooms.active"), `${number(now.active)} / ${number(now.capacity)}`)}
        {figure(t("rooms.rate"), number(now.admit_per_minute))}
      </dl>
      <RoomChart samples={samples} capacity={now.capacity} />
      <div className="grid grid-cols-2 gap-3">
        <NumberSetting
          label={t("rooms.capacity")}
          value={now.capacity}
          busy={changing("capacity")}
          onApply={(capacity) => apply({ capacity })}
        />
        <NumberSetting
          label={t("rooms.rate")}
          value={now.admit_per_minute}
          busy={changing("admit_per_minute")}
          onApply={(rate) => apply({ admit_per_minute: rate })}
        />
      </div>
      <TextSetting
        label={t("rooms.message")}
        hint={t("rooms.message_hint")}
        value={room.message}
        busy={changing("message")}
        onApply={(message) => apply({ message })}
      />
      {(wanted ?? now.mode) === "prequeue" && opening}
      <details className="group border-t border-line pt-3">
        <summary className="flex min-h-9 list-none items-center justify-between rounded-lg text-sm font-semibold text-ink-2">
          {t("rooms.more")}
          <span className="text-lg text-ink-3 transition-transform group-open:rotate-45" aria-hidden="true">
            {"+"}
          </span>
        </summary>
        <div className="grid gap-3 pt-3 sm:grid-cols-2">
          {SECONDS.map((key) => (
            <NumberSetting
              key={key}
              label={t(`rooms.${key}`)}
              value={room[key]}
              busy={changing(key)}
              onApply={(seconds) => apply({ [key]: seconds })}
            />
          ))}
          <NumberSetting
            label={t("rooms.per_node_capacity")}
            value={room.per_node_capacity}
            busy={changing("per_node_capacity")}
            onApply={(capacity) => apply({ per_node_capacity: capacity })}
          />
          {(wanted ?? now.mode) !== "prequeue" && opening}
        </div>
      </details>
      {change.isError && (
        <p role="alert" className="text-sm text-danger">
          {text(change.error)}
        </p>
      )}
    </article>
  );
}
