import { useEffect, useId, useState, type FormEvent, type InputHTMLAttributes } from "react";
import { useTranslation } from "react-i18next";
import { LIMITS } from "../api/limits";
import { TIME_ZONE } from "../app/format";
import { Button } from "../app/ui/Button";
import { inputClass } from "../app/ui/Field";

type SettingProps = {
  label: string;
  shown: string; // what the server has, as the input shows it
  input: InputHTMLAttributes<HTMLInputElement>;
  valid: (draft: string) => boolean;
  wrong: string;
  busy: boolean;
  error?: string; // of the server
  note?: string; // what it does, and to whom
  onApply: (draft: string) => void;
};

// Follows the server until somebody types; then it waits for Apply.
function Setting({ label, shown, input, valid, wrong, busy, error, note, onApply }: SettingProps) {
  const { t } = useTranslation();
  const id = useId();
  const [draft, setDraft] = useState<string>();
  useEffect(() => setDraft(undefined), [shown]);
  const right = draft === undefined || valid(draft);
  const changed = draft !== undefined && right && draft !== shown;
  const fault = right ? error : wrong;
  const described = [fault && `${id}-wrong`, note && `${id}-note`].filter(Boolean).join(" ");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed) onApply(draft);
  };
  return (
    <form onSubmit={submit} noValidate className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <div className="flex gap-1.5">
        <input
          {...input}
          id={id}
          value={draft ?? shown}
          aria-invalid={Boolean(fault) || undefined}
          aria-describedby={described || undefined}
          onChange={(event) => setDraft(event.target.value)}
          className={`number ${inputClass} !min-h-11 min-w-0 !px-3 ${fault ? "border-danger" : "border-line-strong"}`}
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
      {fault && (
        <p id={`${id}-wrong`} role={right ? "alert" : undefined} className="text-sm text-danger">
          {fault}
        </p>
      )}
      {note && (
        <p id={`${id}-note`} className="text-sm text-ink-3">
          {note}
        </p>
      )}
    </form>
  );
}

type Props<T> = {
  label: string;
  value: T;
  busy: boolean;
  error?: string;
  note?: string;
  onApply: (value: NonNullable<T>) => void;
};

type NumberProps = Props<number> & { min: number; max: number };

export function NumberSetting({ value, min, max, onApply, ...rest }: NumberProps) {
  const { t } = useTranslation();
  const fits = (draft: string) =>
    /^\d+$/.test(draft.trim()) && Number(draft) >= min && Number(draft) <= max;
  return (
    <Setting
      {...rest}
      shown={String(value)}
      input={{ type: "number", inputMode: "numeric", min, max, step: 1 }}
      valid={fits}
      wrong={t("console.number_from_to", { min, max })}
      onApply={(draft) => onApply(Number(draft))}
    />
  );
}

export function TextSetting({ hint, value, ...rest }: Props<string> & { hint: string }) {
  return (
    <Setting
      {...rest}
      shown={value}
      input={{ type: "text", maxLength: LIMITS.RoomPatchBody.message.maxLength, placeholder: hint }}
      valid={() => true}
      wrong=""
    />
  );
}

// A wall clock of the venue's time zone, as <input type="datetime-local"> writes it. Korea has no
// summer time: its offset is always the same.
const OFFSET = "+09:00";

export function wallClock(iso: string | undefined): string {
  if (!iso) return "";
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: TIME_ZONE,
    dateStyle: "short",
    timeStyle: "short",
  }).format(new Date(iso));
  return parts.replace(" ", "T");
}

// The other way round; undefined for what is no time.
export function instant(wall: string): string | undefined {
  const at = Date.parse(`${wall}${OFFSET}`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

type TimeProps = Omit<Props<string | undefined>, "onApply"> & { onApply: (value: string | null) => void };

// An empty field takes the time back.
export function TimeSetting({ value, onApply, ...rest }: TimeProps) {
  const { t } = useTranslation();
  return (
    <Setting
      {...rest}
      shown={wallClock(value)}
      input={{ type: "datetime-local" }}
      valid={(draft) => !draft || instant(draft) !== undefined}
      wrong={t("rooms.time_wrong")}
      onApply={(draft) => onApply(instant(draft) ?? null)}
    />
  );
}
