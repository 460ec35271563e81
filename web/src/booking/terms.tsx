// What giving seats back costs, in words.
import { useTranslation } from "react-i18next";
import type { CancellationStep } from "../api/types";
import { useFormat } from "../app/format";

// Until when a step holds: all of its conditions have to.
export function useStepText() {
  const { t } = useTranslation();
  return ({ within_days: within, days_before: days, minutes_before: minutes }: CancellationStep) =>
    [
      within !== undefined && t("cancel.within_days", { n: within, count: within }),
      days !== undefined && t("cancel.days_before", { n: days, count: days }),
      minutes !== undefined && t("cancel.minutes_before", { n: minutes, count: minutes }),
    ]
      .filter(Boolean)
      .join(", ");
}

// Before it is bought: what it would cost to give it back, and until when that can be done.
export function Terms({ steps }: { steps: CancellationStep[] | undefined }) {
  const { t } = useTranslation();
  const { percent } = useFormat();
  const stepText = useStepText();
  if (!steps || steps.length === 0) return null;
  return (
    <details className="text-sm text-ink-2">
      <summary className="min-h-9 w-fit rounded-lg font-semibold">{t("cancel.terms")}</summary>
      <ul className="mt-1 flex list-disc flex-col gap-1 ps-5">
        {steps.map((step, at) => (
          <li key={at}>
            {[
              step.fee_percent > 0 ? t("cancel.step_fee", { share: percent(step.fee_percent / 100) }) : t("cancel.step_free"),
              stepText(step),
            ]
              .filter(Boolean)
              .join(": ")}
          </li>
        ))}
        <li>{t("cancel.step_over")}</li>
      </ul>
    </details>
  );
}
