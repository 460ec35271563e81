import { useEffect, useId, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { AdminRoom, RoomMode } from "../api/types";
import { announce } from "../app/announce";
import { useFormat } from "../app/format";
import { Button } from "../app/ui/Button";
import { inputClass } from "../app/ui/Field";
import { Segmented } from "../app/ui/Segmented";
import { useErrorText } from "../app/ui/states";
import { useChangeRoom, useRoomLive, type RoomChange } from "./queries";
import RoomChart from "./RoomChart";

const MODES: RoomMode[] = ["open", "queue", "paused", "prequeue", "closed"];

type NumberProps = { label: string; value: number; busy: boolean; onApply: (value: number) => void };

// Follows the server until somebody types; then it waits for Apply.
function NumberSetting({ label, value, busy, onApply }: NumberProps) {
  const { t } = useTranslation();
  const id = useId();
  const [draft, setDraft] = useState<string>();
  useEffect(() => setDraft(undefined), [value]);
  const next = Number(draft);
  const valid = draft === undefined || (draft.trim() !== "" && Number.isInteger(next) && next >= 0);
  const changed = draft !== undefined && valid && next !== value;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed) onApply(next);
  };
  return (
    <form onSubmit={submit} noValidate className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <div className="flex gap-1.5">
        <input
          id={id}
          type="number"
          inputMode="numeric"
          min={0}
          step={1}
          value={draft ?? value}
          aria-invalid={!valid || undefined}
          onChange={(event) => setDraft(event.target.value)}
          className={`number ${inputClass} !min-h-11 min-w-0 !px-3 ${valid ? "border-line-strong" : "border-danger"}`}
        />
        <Button
          type="submit"
          look={changed ? "primary" : "secondary"}
          className="!px-3"
          disabled={!changed}
          busy={busy}
          aria-label={t("rooms.apply_what", { what: label })}
        >
          {t("rooms.apply")}
        </Button>
      </div>
      {!valid && <p className="text-sm text-danger">{t("rooms.whole_number")}</p>}
    </form>
  );
}

function Message({ room, busy, onApply }: { room: AdminRoom; busy: boolean; onApply: (text: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const server = room.message ?? "";
  const [draft, setDraft] = useState<string>();
  useEffect(() => setDraft(undefined), [server]);
  const changed = draft !== undefined && draft !== server;
  return (
    <form
      className="flex flex-col gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) onApply(draft);
      }}
    >
      <label htmlFor={id} className="text-sm font-semibold">
        {t("rooms.message")}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          value={draft ?? server}
          maxLength={200}
          placeholder={t("rooms.message_hint")}
          onChange={(event) => setDraft(event.target.value)}
          className={`${inputClass} !min-h-11 min-w-0 border-line-strong`}
        />
        <Button
          type="submit"
          look={changed ? "primary" : "secondary"}
          disabled={!changed}
          busy={busy}
          aria-label={t("rooms.apply_what", { what: t("rooms.message") })}
        >
          {t("rooms.apply")}
        </Button>
      </div>
    </form>
  );
}

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
      <Message room={room} busy={changing("message")} onApply={(message) => apply({ message })} />
      {change.isError && (
        <p role="alert" className="text-sm text-danger">
          {text(change.error)}
        </p>
      )}
    </article>
  );
}
