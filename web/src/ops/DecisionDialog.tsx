import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import { inputClass } from "../app/ui/Field";

const REASON_MAX = 200; // characters, as the server takes them

type Props<Outcome extends string> = {
  title: string;
  act: string;
  // The first is chosen until somebody says otherwise; `money_page.outcome_*` has their words.
  outcomes: readonly [Outcome, Outcome];
  busy: boolean;
  error: unknown;
  onAct: (outcome: Outcome, reason: string) => void;
  onClose: () => void;
};

// What somebody decides about money, and why: it is on record, and nothing asks for it again.
export function DecisionDialog<Outcome extends string>({ title, act, outcomes, busy, error, onAct, onClose }: Props<Outcome>) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<Outcome>(outcomes[0]);
  const [reason, setReason] = useState("");
  const id = useId();
  return (
    <ConfirmDialog
      title={title}
      keep={t("console.keep")}
      act={act}
      busy={busy}
      error={error}
      disabled={!reason.trim()}
      onAct={() => onAct(outcome, reason.trim())}
      onClose={onClose}
    >
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-sm font-semibold text-ink">{t("money_page.outcome")}</legend>
        {outcomes.map((each) => (
          <label key={each} className="flex gap-3 rounded-lg p-2 hover:bg-sunken">
            <input
              type="radio"
              name={id}
              className="mt-1 size-4 shrink-0 accent-[var(--accent)]"
              aria-label={t(`money_page.outcome_${each}`)}
              aria-describedby={`${id}-${each}`}
              checked={outcome === each}
              onChange={() => setOutcome(each)}
            />
            <span>
              <span className="block font-semibold text-ink">{t(`money_page.outcome_${each}`)}</span>
              <span id={`${id}-${each}`} className="block text-sm">{t(`money_page.outcome_${each}_text`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="flex flex-col gap-1.5">
        <label htmlFor={`${id}-why`} className="text-sm font-semibold text-ink">
          {t("money_page.reason")}
        </label>
        <textarea
          id={`${id}-why`}
          rows={2}
          required
          maxLength={REASON_MAX}
          value={reason}
          aria-describedby={`${id}-note`}
          className={`${inputClass} border-line-strong`}
          onChange={(event) => setReason(event.target.value)}
        />
        <p id={`${id}-note`} className="text-sm text-ink-3">
          {t("money_page.reason_note")}
        </p>
      </div>
    </ConfirmDialog>
  );
}
