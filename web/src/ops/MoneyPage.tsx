import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { useFormat } from "../app/format";
import { useTitle } from "../app/hooks";
import { useBalance } from "./money";
import { MoneyTabs } from "./MoneyTabs";
import { Forbidden, Operators } from "./Operators";
import { PaymentList } from "./PaymentList";
import { ProvidersHealth } from "./ProviderHealth";
import { RefundTasks } from "./RefundTasks";

function Figures() {
  const { t } = useTranslation();
  const { money } = useFormat();
  const { data } = useBalance();
  return (
    <dl className="grid grid-cols-1 gap-3 sm:grid-cols-3">
      {(["captured", "refunded", "refunding"] as const).map((figure) => (
        <div key={figure}>
          <dt className="text-sm text-ink-3">{t(`money_page.${figure}`)}</dt>
          <dd className="number text-xl font-bold">{data ? money(data[figure]) : "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

function Money() {
  const { t } = useTranslation();
  const { error } = useBalance();
  if (error instanceof ApiError && error.status === 403) return <Forbidden />;
  return (
    <div className="container-page flex flex-col gap-6 py-6 md:py-10">
      <MoneyTabs />
      <div className="flex flex-col gap-1">
        <h1 className="text-2xl font-bold">{t("money_page.title")}</h1>
        <p className="text-ink-2">{t("money_page.lead")}</p>
      </div>
      <Figures />
      <RefundTasks />
      <ProvidersHealth />
      <PaymentList />
    </div>
  );
}

export default function MoneyPage() {
  const { t } = useTranslation();
  useTitle(t("money_page.title"));
  return (
    <Operators>
      <Money />
    </Operators>
  );
}
