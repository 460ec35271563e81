import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { LIMITS } from "../api/limits";
import type { AdminRoom, Lane } from "../api/types";
import { Button } from "../app/ui/Button";
import { Field } from "../app/ui/Field";
import { useSetting } from "./useSetting";

const MOST = 8;
type Draft = { name: string; share: string };

const draftOf = ({ name, share }: Lane): Draft => ({ name, share: String(share) });
const bytes = (text: string) => new TextEncoder().encode(text).length;
const nameFits = (name: string) => bytes(name) >= 1 && bytes(name) <= LIMITS.LaneJson.name.maxLength;
const SHARE = LIMITS.LaneJson.share;
const shareFits = (share: string) =>
  /^\d+$/.test(share) && Number(share) >= SHARE.min && Number(share) <= SHARE.max;

// Lanes for those with an invite. Fixed while people may be called.
export function LaneEditor({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { apply, busy, error, question } = useSetting(room);
  const saved = JSON.stringify(room.lanes);
  const [lanes, setLanes] = useState<Draft[]>(() => room.lanes.map(draftOf));
  useEffect(() => setLanes((JSON.parse(saved) as Lane[]).map(draftOf)), [saved]);
  const fixed = room.mode !== "closed" && room.mode !== "prequeue";
  const change = (index: number, next: Partial<Draft>) =>
    setLanes((now) => now.map((each, i) => (i === index ? { ...each, ...next } : each)));
  const right = lanes.every(({ name, share }) => nameFits(name) && shareFits(share));
  const body = lanes.map(({ name, share }) => ({ name, share: Number(share) }));
  const changed = JSON.stringify(body) !== saved;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (right && changed) apply({ lanes: body });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <p className="text-sm text-ink-2">{t("console.lanes_note")}</p>
      {fixed && <p className="text-sm font-semibold">{t("console.lanes_fixed")}</p>}
      {lanes.length === 0 && <p className="text-sm text-ink-3">{t("console.lanes_none")}</p>}
      {lanes.map((lane, index) => (
        <fieldset key={index} disabled={fixed} className="grid grid-cols-[1fr_6rem_auto] items-start gap-2">
          <legend className="sr-only">{t("console.lane_n", { n: index + 1 })}</legend>
          <Field
            label={t("console.lane_name")}
            value={lane.name}
            maxLength={LIMITS.LaneJson.name.maxLength}
            error={lane.name !== "" && !nameFits(lane.name) ? t("errors.field_too_long") : undefined}
            onChange={(event) => change(index, { name: event.target.value })}
          />
          <Field
            label={t("console.lane_share")}
            inputMode="numeric"
            value={lane.share}
            error={shareFits(lane.share) ? undefined : t("console.number_from_to", SHARE)}
            onChange={(event) => change(index, { share: event.target.value.trim() })}
          />
          <Button
            look="quiet"
            className="mt-8"
            aria-label={t("console.lane_remove", { n: index + 1 })}
            onClick={() => setLanes((now) => now.filter((_, i) => i !== index))}
          >
            {t("console.remove")}
          </Button>
        </fieldset>
      ))}
      {error("lanes") && (
        <p role="alert" className="text-sm text-danger">
          {error("lanes")}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          look="secondary"
          disabled={fixed || lanes.length >= MOST}
          onClick={() => setLanes((now) => [...now, { name: "", share: "400" }])}
        >
          {t("console.lane_add")}
        </Button>
        <Button type="submit" disabled={fixed || !changed || !right} busy={busy("lanes")}>
          {t("console.lanes_save")}
        </Button>
      </div>
      {question}
    </form>
  );
}
