import { useTranslation } from "react-i18next";
import type { SaleState } from "../api/types";
import { useFormat } from "../app/format";
import { Badge } from "../app/ui/states";

const FEW = 0.15;

type Props = { state: SaleState; available: number; total: number };

export function SaleBadge({ state, available, total }: Props) {
  const { t } = useTranslation();
  const { number } = useFormat();
  if (state === "on_sale" && total > 0 && available / total <= FEW) {
    return <Badge tone="warn">{t("sale.few", { n: number(available) })}</Badge>;
  }
  const tone = { on_sale: "accent", upcoming: "plain", sold_out: "danger", ended: "plain" } as const;
  return <Badge tone={tone[state]}>{t(`sale.${state}`)}</Badge>;
}
