import { useTranslation } from "react-i18next";
import type { PaymentState } from "../api/types";
import { Badge } from "../app/ui/states";

const tones: Record<PaymentState, "accent" | "warn" | "danger" | "plain"> = {
  ready: "plain",
  pending: "plain",
  unknown: "warn",
  paid: "accent",
  failed: "danger",
  cancelled: "plain",
  refunded: "plain",
  partially_refunded: "accent",
};

export function PaymentBadge({ state }: { state: PaymentState }) {
  const { t } = useTranslation();
  return <Badge tone={tones[state]}>{t(`money_page.payment_${state}`)}</Badge>;
}
