import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "../api/clock";
import type { CancellationStep, Performance, ShowDetail } from "../api/types";
import { announce } from "../app/announce";
import { useFormat } from "../app/format";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { Field, inputClass } from "../app/ui/Field";
import { Icon } from "../app/ui/icons";
import { Select } from "../app/ui/Select";
import { Badge, Failure, Loading, Skeleton, useErrorText } from "../app/ui/states";
import { usePolicy, usePolicyPreview, useSavePolicy } from "./office";
import { CONDITIONS, draftOf, emptyDraft, maxOf, moved, STEPS_MAX, stepsOf, wrong, type Draft } from "./policy";

const DAY_MS = 86_400_000;

type StepProps = {
  n: number;
  last: boolean;
  draft: Draft;
  onChange: (draft: Draft) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
};

function NumberBox({ field, draft, onChange }: Pick<StepProps, "draft" | "onChange"> & { field: keyof Draft }) {
  const { t } = useTranslation();
  const id = useId();
  const bad = wrong(field, draft);
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs font-semibold text-ink-2">
        {t(`policy.${field}`)}
      </label>
      <input
        id={id}
        inputMode="numeric"
        value={draft[field]}
        placeholder={field === "fee_percent" ? undefined : t("policy.any")}
        aria-invalid={bad || undefined}
        aria-describedby={bad ? `${id}-note` : undefined}
        className={`${inputClass} number ${bad ? "border-danger" : "border-line-strong"}`}
        onChange={(event) => onChange({ ...draft, [field]: event.target.value.trim() })}
      />
      {bad && (
        <p id={`${id}-note`} className="text-xs text-danger">
          {t("policy.number", { max: maxOf(field) })}
        </p>
      )}
    </div>
  );
}

function Step({ n, last, draft, onChange, onMove, onRemove }: StepProps) {
  const { t } = useTranslation();
  return (
    <li className="flex flex-col gap-2 border-t border-line py-3">
      <fieldset className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        <legend className="mb-2 text-sm font-bold">{t("policy.step", { n })}</legend>
        {CONDITIONS.map((field) => (
          <NumberBox key={field} field={field} draft={draft} onChange={onChange} />
        ))}
        <NumberBox field="fee_percent" draft={draft} onChange={onChange} />
      </fieldset>
      <div className="flex flex-wrap gap-2">
        <Button look="quiet" size="sm" disabled={n === 1} onClick={() => onMove(-1)}>
          {t("policy.up")}
          <span className="sr-only">{` · ${t("policy.step", { n })}`}</span>
        </Button>
        <Button look="quiet" size="sm" disabled={last} onClick={() => onMove(1)}>
          {t("policy.down")}
          <span className="sr-only">{` · ${t("policy.step", { n })}`}</span>
        </Button>
        <Button look="quiet" size="sm" className="text-danger" onClick={onRemove}>
          {t("policy.remove")}
          <span className="sr-only">{` · ${t("policy.step", { n })}`}</span>
        </Button>
      </div>
    </li>
  );
}

type PreviewProps = { steps: CancellationStep[] | undefined; performances: Performance[] };

// What the server says that a seat would bring back, under what is being written.
function Preview({ steps, performances }: PreviewProps) {
  const { t } = useTranslation();
  const { money, percent, dateTime } = useFormat();
  const text = useErrorText();
  const [price, setPrice] = useState("100000");
  const [before, setBefore] = useState("30");
  const [chosen, setChosen] = useState("");
  const [now] = useState(serverNow);
  const coming = performances.filter(({ starts_at: at, called_off: off }) => !off && Date.parse(at) > now);
  const starts = coming.find(({ id }) => id === chosen)?.starts_at ?? coming[0]?.starts_at ?? new Date(now + 30 * DAY_MS).toISOString();
  const days = Number(before);
  const amount = Number(price);
  const ready = steps && /^\d{1,3}$/.test(before) && days > 0 && /^\d{1,9}$/.test(price);
  const preview = usePolicyPreview(
    ready
      ? { steps, starts_at: starts, bought_at: new Date(Date.parse(starts) - days * DAY_MS).toISOString(), price: amount }
      : undefined,
  );
  return (
    <section aria-labelledby="policy-preview" className="flex flex-col gap-3 rounded-xl bg-sunken p-4">
      <h3 id="policy-preview" className="font-bold">
        {t("policy.preview")}
      </h3>
      <div className="grid items-end gap-3 sm:grid-cols-3">
        <Field label={t("policy.price")} inputMode="numeric" value={price} onChange={(e) => setPrice(e.target.value.trim())} />
        <Field label={t("policy.bought")} inputMode="numeric" value={before} onChange={(e) => setBefore(e.target.value.trim())} />
        {coming.length > 0 && (
          <Select
            label={t("policy.of")}
            value={chosen || (coming[0]?.id ?? "")}
            options={coming.map(({ id, starts_at: at }): [string, string] => [id, dateTime(at)])}
            onChange={setChosen}
          />
        )}
      </div>
      {preview.isError && <Alert tone="bad">{text(preview.error)}</Alert>}
      {preview.data && (
        <ol className={`number flex flex-col text-sm ${preview.isFetching ? "opacity-60" : ""}`}>
          {preview.data.lines.map((line) => (
            <li key={line.from} className="flex flex-wrap items-baseline justify-between gap-x-4 border-t border-line py-2">
              <span className="text-ink-2">{t("policy.until", { at: dateTime(line.until) })}</span>
              {line.fee_percent === undefined ? (
                <span className="font-semibold text-danger">{t("policy.nothing")}</span>
              ) : (
                <span>
                  <span className="font-semibold">{t("policy.back", { amount: money(line.refund) })}</span>
                  <span className="text-ink-3">
                    {line.fee_percent === 0
                      ? ` · ${t("policy.free")}`
                      : ` · ${t("policy.fee", { fee: money(line.fee), share: percent(line.fee_percent / 100) })}`}
                  </span>
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

type FormProps = { show: ShowDetail; performances: Performance[]; steps: CancellationStep[]; isDefault: boolean };

// A step's key: rows keep their boxes when they move.
let keys = 0;
const keyed = (draft: Draft) => ({ key: (keys += 1), draft });

function Form({ show, performances, steps, isDefault }: FormProps) {
  const { t } = useTranslation();
  const text = useErrorText();
  const save = useSavePolicy(show.id);
  const [rows, setRows] = useState(() => steps.map((step) => keyed(draftOf(step))));
  const written = stepsOf(rows.map(({ draft }) => draft));
  const same = JSON.stringify(written) === JSON.stringify(stepsOf(steps.map(draftOf)));
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <div className="flex flex-col gap-3">
        <p>
          <Badge tone={isDefault ? "plain" : "accent"}>{t(isDefault ? "policy.default" : "policy.own")}</Badge>
        </p>
        <ol>
          {rows.map(({ key, draft }, at) => (
            <Step
              key={key}
              n={at + 1}
              last={at === rows.length - 1}
              draft={draft}
              onChange={(changed) => setRows(rows.map((row) => (row.key === key ? { key, draft: changed } : row)))}
              onMove={(by) => setRows(moved(rows, at, by))}
              onRemove={() => setRows(rows.filter((row) => row.key !== key))}
            />
          ))}
        </ol>
        {rows.length === 0 && <Alert tone="warn">{t("policy.none")}</Alert>}
        <div className="flex flex-wrap gap-2">
          <Button look="secondary" disabled={rows.length >= STEPS_MAX} onClick={() => setRows([...rows, keyed(emptyDraft)])}>
            <Icon name="plus" />
            {t("policy.add")}
          </Button>
          <Button
            busy={save.isPending}
            disabled={!written || same}
            onClick={() => written && save.mutate(written, { onSuccess: () => announce(t("policy.saved")) })}
          >
            {t("policy.save")}
          </Button>
        </div>
        {save.isError && <Alert tone="bad">{text(save.error)}</Alert>}
        {save.isSuccess && same && <Alert tone="good">{t("policy.saved")}</Alert>}
      </div>
      <Preview steps={written} performances={performances} />
    </div>
  );
}

// What cancelling costs at a show: the first step whose conditions hold decides.
export function PolicyEditor({ show, performances }: { show: ShowDetail; performances: Performance[] }) {
  const { t } = useTranslation();
  const policy = usePolicy(show.id);
  return (
    <section aria-labelledby="policy" className="flex flex-col gap-3">
      <div>
        <h2 id="policy" className="text-lg font-bold">
          {t("policy.title")}
        </h2>
        <p className="max-w-prose text-sm text-ink-2">{t("policy.lead")}</p>
      </div>
      {policy.isPending && (
        <Loading>
          <Skeleton className="h-48 w-full rounded-2xl" />
        </Loading>
      )}
      {policy.isError && !policy.data && (
        <Failure error={policy.error} onRetry={() => void policy.refetch()} busy={policy.isFetching} />
      )}
      {policy.data && (
        <Form show={show} performances={performances} steps={policy.data.steps} isDefault={policy.data.is_default} />
      )}
    </section>
  );
}
