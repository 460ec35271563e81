import { useTranslation } from "react-i18next";
import type { SaleState } from "../api/types";
import { useFormat } from "../app/format";
import { Badge } from "../app/ui/states";

const FEW = 0.15;

// `calledOff`: it is not going to be, whatever the state.
type Props = { state: SaleState; available: number; total: number; calledOff?: boolean };

export function SaleBadge({ state, available, total, calledOff }: Props) {
  const { t } = useTranslation();
  const { number } = useFormat();
  if (calledOff) return <Badge tone="danger">{t("sale.called_off")}</Badge>;
  if (state === "on_sale" && total > 0 && available / total <= FEW) {
    return <Badge tone="warn">{t("sale.few", { n: number(available) })}</Badge>;
  }
  const tone = { on_sale: "accent", upcoming: "plain", sold_out: "danger", ended: "plain" } as const;
  return <Badge tone={tone[state]}>{t(`sale.${state}`)}</Badge>;
}
