import { useTranslation } from "react-i18next";
import type { GradePrice } from "../api/types";
import { useFormat } from "../app/format";
import { Icon } from "../app/ui/icons";

type Props = {
  grades: GradePrice[];
  currency: string;
  gradeIndex: Map<string, number>;
  only: string | undefined;
  onOnly: (grade: string | undefined) => void;
};

// Prices by grade; pressing one brings its seats forward.
export function SeatGrades({ grades, currency, gradeIndex, only, onOnly }: Props) {
  const { t } = useTranslation();
  const { money } = useFormat();
  return (
    <ul
      className="no-scrollbar -mx-4 flex gap-2 overflow-x-auto px-4 py-1 text-sm md:mx-0 md:flex-wrap md:px-0"
      aria-label={t("seat.grades")}
    >
      {grades.map((each) => (
        <li key={each.grade}>
          <button
            type="button"
            aria-pressed={only === each.grade}
            onClick={() => onOnly(only === each.grade ? undefined : each.grade)}
            className={`number flex min-h-11 items-center whitespace-nowrap gap-2 rounded-lg border px-2.5 ${
              only === each.grade ? "border-ink bg-sunken" : "border-line bg-surface hover:bg-sunken"
            }`}
          >
            <span className="swatch" data-grade={gradeIndex.get(each.grade) ?? 3} aria-hidden="true" />
            <span className="font-semibold">{each.grade}</span>
            <span className="text-ink-2">{money(each.price, currency)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

// What the marks on the seats mean.
export function SeatMarks({ className, own }: { className: string; own: boolean }) {
  const { t } = useTranslation();
  return (
    <ul className={`flex flex-wrap gap-x-4 gap-y-1.5 text-sm text-ink-2 ${className}`} aria-label={t("seat.legend")}>
      <li className="flex items-center gap-1.5">
        <span className="grid size-4.5 place-items-center rounded-md bg-accent text-xs text-on-accent">
          <Icon name="check" strokeWidth={3} />
        </span>
        {t("seat.state_selected")}
      </li>
      {own && (
        <li className="flex items-center gap-1.5">
          <span className="size-4.5 rounded-md border-2 border-accent bg-accent-soft" aria-hidden="true" />
          {t("seat.state_own")}
        </li>
      )}
      <li className="flex items-center gap-1.5">
        <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
          <rect x="1" y="1" width="16" height="16" rx="4" className="fill-[var(--seat-gone)] stroke-[var(--seat-gone-mark)]" />
          <path d="M3 13 13 3M6 16 16 6" className="stroke-[var(--seat-gone-mark)]" strokeWidth="1.5" />
        </svg>
        {t("seat.state_held")}
      </li>
      <li className="flex items-center gap-1.5">
        <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
          <rect x="1" y="1" width="16" height="16" rx="4" className="fill-[var(--seat-gone)]" />
          <path d="m6 6 6 6m0-6-6 6" className="stroke-[var(--seat-gone-mark)]" strokeWidth="1.8" />
        </svg>
        {t("seat.state_sold")}
      </li>
    </ul>
  );
}
