import { useTranslation } from "react-i18next";
import type { ReservationRefund } from "../api/types";
import { useFormat } from "../app/format";

const looks = {
  requested: "text-ink-2",
  done: "text-accent",
  failed: "text-danger",
  reversed: "text-ink-2",
  restored: "text-ink-2",
} as const;

// Money that goes back, each with how far it is, and why where its owner did not ask for it.
export function Refunds({ refunds, currency }: { refunds: ReservationRefund[]; currency: string }) {
  const { t } = useTranslation();
  const { money, day } = useFormat();
  if (refunds.length === 0) return null;
  return (
    <ul className="number flex flex-col gap-0.5 text-sm">
      {refunds.map((refund) => (
        <li key={refund.id} className={looks[refund.state]}>
          {t(`refund.${refund.state}`, { amount: money(refund.amount, currency), day: day(refund.created_at) })}
          {refund.why !== "cancelled" && <span className="block text-ink-2">{t(`refund.why_${refund.why}`)}</span>}
        </li>
      ))}
    </ul>
  );
}
