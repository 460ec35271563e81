import { useEffect, useId, useState, type FormEvent, type InputHTMLAttributes } from "react";
import { useTranslation } from "react-i18next";
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
  onApply: (draft: string) => void;
};

// Follows the server until somebody types; then it waits for Apply.
function Setting({ label, shown, input, valid, wrong, busy, onApply }: SettingProps) {
  const { t } = useTranslation();
  const id = useId();
  const [draft, setDraft] = useState<string>();
  useEffect(() => setDraft(undefined), [shown]);
  const right = draft === undefined || valid(draft);
  const changed = draft !== undefined && right && draft !== shown;
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
          aria-invalid={!right || undefined}
          aria-describedby={right ? undefined : `${id}-wrong`}
          onChange={(event) => setDraft(event.target.value)}
          className={`number ${inputClass} !min-h-11 min-w-0 !px-3 ${right ? "border-line-strong" : "border-danger"}`}
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
      {!right && (
        <p id={`${id}-wrong`} className="text-sm text-danger">
          {wrong}
        </p>
      )}
    </form>
  );
}

type Props<T> = { label: string; value: T; busy: boolean; onApply: (value: NonNullable<T>) => void };

export function NumberSetting({ label, value, busy, onApply }: Props<number>) {
  const { t } = useTranslation();
  return (
    <Setting
      label={label}
      shown={String(value)}
      input={{ type: "number", inputMode: "numeric", min: 0, step: 1 }}
      valid={(draft) => /^\d+$/.test(draft.trim())}
      wrong={t("rooms.whole_number")}
      busy={busy}
      onApply={(draft) => onApply(Number(draft))}
    />
  );
}

export function TextSetting({ label, hint, value, busy, onApply }: Props<string> & { hint: string }) {
  return (
    <Setting
      label={label}
      shown={value}
      input={{ type: "text", maxLength: 200, placeholder: hint }}
      valid={() => true}
      wrong=""
      busy={busy}
      onApply={onApply}
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

type TimeProps = Omit<Props<string | undefined>, "onApply"> & { onApply: (value: string | null) => void };

// An empty field takes the time back.
export function TimeSetting({ label, value, busy, onApply }: TimeProps) {
  const { t } = useTranslation();
  return (
    <Setting
      label={label}
      shown={wallClock(value)}
      input={{ type: "datetime-local" }}
      valid={(draft) => !draft || !Number.isNaN(Date.parse(`${draft}${OFFSET}`))}
      wrong={t("rooms.time_wrong")}
      busy={busy}
      onApply={(draft) => onApply(draft ? new Date(`${draft}${OFFSET}`).toISOString() : null)}
    />
  );
}
