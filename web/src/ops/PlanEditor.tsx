import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { LIMITS } from "../api/limits";
import type { AdminRoom, PlannedChange, RoomMode } from "../api/types";
import { serverNow } from "../api/clock";
import { Button } from "../app/ui/Button";
import { Field, inputClass } from "../app/ui/Field";
import { inOrder, MODES, planFault } from "./changes";
import { instant, wallClock } from "./settings";
import { useSetting } from "./useSetting";

const MOST = 50;
const NUMBERS = ["admit_per_minute", "capacity"] as const;

type EntryProps = {
  plan: PlannedChange[];
  index: number;
  touched: boolean;
  waits: boolean; // its time is over, and it is still there
  onChange: (next: PlannedChange) => void;
  onRemove: () => void;
};

// Empty fields leave the setting as it is.
function Entry({ plan, index, touched, waits, onChange, onRemove }: EntryProps) {
  const { t } = useTranslation();
  const entry = plan[index]!;
  const fault = touched ? planFault(plan, index) : undefined;
  const past = entry.at !== "" && Date.parse(entry.at) < serverNow();
  return (
    <fieldset className="card grid items-start gap-3 p-4 sm:grid-cols-2 lg:grid-cols-4">
      <legend className="sr-only">{t("console.plan_n", { n: index + 1 })}</legend>
      <Field
        label={t("console.plan_at")}
        type="datetime-local"
        value={wallClock(entry.at || undefined)}
        onChange={(event) => onChange({ ...entry, at: instant(event.target.value) ?? "" })}
      />
      <div className="flex flex-col gap-1.5">
        <label htmlFor={`plan-mode-${index}`} className="text-sm font-semibold">
          {t("rooms.mode")}
        </label>
        <select
          id={`plan-mode-${index}`}
          className={`${inputClass} border-line-strong`}
          value={entry.mode ?? ""}
          onChange={(event) =>
            onChange({ ...entry, mode: (event.target.value || undefined) as RoomMode | undefined })
          }
        >
          <option value="">{t("console.plan_same")}</option>
          {MODES.map((mode) => (
            <option key={mode} value={mode}>
              {t(`room.mode_${mode}`)}
            </option>
          ))}
        </select>
      </div>
      {NUMBERS.map((member) => (
        <Field
          key={member}
          label={t(member === "capacity" ? "rooms.capacity" : "rooms.rate")}
          inputMode="numeric"
          placeholder={t("console.plan_same")}
          value={entry[member] ?? ""}
          onChange={(event) => {
            const digits = event.target.value.replace(/\D/g, "").slice(0, 8);
            onChange({ ...entry, [member]: digits === "" ? undefined : Number(digits) });
          }}
        />
      ))}
      <Field
        className="sm:col-span-2 lg:col-span-3"
        label={t("rooms.message")}
        placeholder={t("console.plan_same")}
        maxLength={LIMITS.RoomPatchBody.message.maxLength}
        value={entry.message ?? ""}
        onChange={(event) => onChange({ ...entry, message: event.target.value || undefined })}
      />
      <Button
        look="secondary"
        className="lg:mt-7"
        aria-label={t("console.plan_remove", { n: index + 1 })}
        onClick={onRemove}
      >
        {t("console.remove")}
      </Button>
      {(fault || past) && (
        <p className={`text-sm sm:col-span-full ${fault ? "text-danger" : "text-ink-2"}`}>
          {fault ? t(`console.plan_${fault}`) : t(waits ? "console.plan_waits" : "console.plan_past")}
        </p>
      )}
    </fieldset>
  );
}

// What is typed and not saved yet, by room: it outlives a look at another tab of the console. With the
// plan it was typed over: a draft over an older one is void.
const drafts = new Map<string, { over: string; plan: PlannedChange[] }>();

export function PlanEditor({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { apply, busy, error, question } = useSetting(room);
  const saved = JSON.stringify(room.schedule);
  const draft = drafts.get(room.id);
  const [plan, setPlan] = useState(draft?.over === saved ? draft.plan : room.schedule);
  const [over, setOver] = useState(saved);
  const [touched, setTouched] = useState(false);
  if (over !== saved) {
    setOver(saved);
    setPlan(room.schedule);
    setTouched(false);
  }
  const changed = JSON.stringify(plan) !== saved;
  useEffect(() => {
    if (changed && over === saved) drafts.set(room.id, { over, plan });
    else drafts.delete(room.id);
  }, [room.id, changed, over, saved, plan]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    if (plan.some((_, i) => planFault(plan, i))) return;
    apply({ schedule: inOrder(plan) });
  };
  return (
    <form onSubmit={submit} noValidate aria-labelledby="plan" className="flex flex-col gap-4">
      <div>
        <h2 id="plan" className="text-lg font-bold">
          {t("console.part_plan")}
        </h2>
        <p className="max-w-prose text-sm text-ink-2">{t("console.plan_note")}</p>
      </div>
      {plan.length === 0 && <p className="text-sm text-ink-3">{t("console.plan_none")}</p>}
      {plan.map((_, index) => (
        <Entry
          key={index}
          plan={plan}
          index={index}
          touched={touched}
          waits={saved.includes(JSON.stringify(plan[index]))}
          onChange={(next) => setPlan((now) => now.map((each, i) => (i === index ? next : each)))}
          onRemove={() => setPlan((now) => now.filter((_each, i) => i !== index))}
        />
      ))}
      {error("schedule") && (
        <p role="alert" className="text-sm text-danger">
          {error("schedule")}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          look="secondary"
          disabled={plan.length >= MOST}
          onClick={() => setPlan((now) => [...now, { at: "" }])}
        >
          {t("console.plan_add")}
        </Button>
        <Button type="submit" disabled={!changed} busy={busy("schedule")}>
          {t("console.plan_save")}
        </Button>
      </div>
      {question}
    </form>
  );
}
