import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { GradePrice, SeatChoice } from "../api/types";
import { useFormat } from "../app/format";
import { Button } from "../app/ui/Button";
import { inputClass } from "../app/ui/Field";
import { Segmented } from "../app/ui/Segmented";

type Props = {
  grades: GradePrice[];
  currency: string;
  seatsMax: number;
  busy: boolean;
  onChoose: (choice: SeatChoice) => void;
};

export function BestAvailable({ grades, currency, seatsMax, busy, onChoose }: Props) {
  const { t } = useTranslation();
  const { money } = useFormat();
  const id = useId();
  const [quantity, setQuantity] = useState("2");
  const [grade, setGrade] = useState("");
  return (
    <details className="card group">
      <summary className="flex min-h-12 list-none items-center justify-between rounded-xl px-4 py-3 font-semibold">
        {t("best.title")}
        <span className="text-xl text-ink-3 transition-transform group-open:rotate-45" aria-hidden="true">
          {"+"}
        </span>
      </summary>
      <div className="flex flex-col gap-3 px-4 pb-4">
        <p className="text-sm text-ink-2">{t("best.text")}</p>
        <Segmented
          label={t("best.quantity")}
          value={String(Math.min(Number(quantity), seatsMax))}
          wrap
          options={Array.from({ length: seatsMax }, (_, index) => ({
            value: String(index + 1),
            label: t("best.seats", { n: index + 1, count: index + 1 }),
          }))}
          onChange={setQuantity}
        />
        <label htmlFor={id} className="sr-only">
          {t("best.grade")}
        </label>
        <select
          id={id}
          value={grade}
          onChange={(event) => setGrade(event.target.value)}
          className={`${inputClass} border-line-strong`}
        >
          <option value="">{t("best.any_grade")}</option>
          {grades.map((each) => (
            <option key={each.grade} value={each.grade}>
              {`${each.grade} · ${money(each.price, currency)}`}
            </option>
          ))}
        </select>
        <Button
          look="secondary"
          busy={busy}
          onClick={() =>
            onChoose({ best: { quantity: Math.min(Number(quantity), seatsMax), ...(grade ? { grade } : {}) } })
          }
        >
          {t("best.submit")}
        </Button>
      </div>
    </details>
  );
}
