import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { ApiError } from "../api/client";
import type { Differing, ProviderSettlement, Settlement, SettlementLine } from "../api/types";
import { useFormat } from "../app/format";
import { useTitle } from "../app/hooks";
import { Alert } from "../app/ui/Alert";
import { Field } from "../app/ui/Field";
import { Select } from "../app/ui/Select";
import { Badge, Failure, Loading, Skeleton } from "../app/ui/states";
import { Download } from "./Download";
import { MoneyTabs } from "./MoneyTabs";
import { settlementCsv, today, useSettlement } from "./office";
import { Forbidden, Operators } from "./Operators";

const PROVIDERS = ["sandbox", "toss", "kakaopay"] as const;

type Sums = Pick<Settlement, "captured" | "refunded" | "fees" | "provider_says" | "difference">;

// What nobody knows is a dash, never 0.
function useAmounts() {
  const { money } = useFormat();
  return (amount: number | null | undefined) => (typeof amount === "number" ? money(amount) : "–");
}

function Total({ sums }: { sums: Sums }) {
  const { t } = useTranslation();
  const amount = useAmounts();
  const said = sums.provider_says;
  const facts: [key: string, value: number | null | undefined, tone?: string][] = [
    ["captured", sums.captured],
    ["refunded", sums.refunded],
    ["net", sums.captured - sums.refunded],
    ["fees", sums.fees],
    ["provider_says", said && said.captured - said.refunded],
    ["difference", sums.difference, sums.difference ? "text-danger" : undefined],
  ];
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-3 lg:grid-cols-6">
      {facts.map(([key, value, tone]) => (
        <div key={key}>
          <dt className="text-sm text-ink-3">{t(`settlement.${key}`)}</dt>
          <dd className={`number text-lg font-bold ${tone ?? ""}`}>{amount(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function DifferingRow({ of }: { of: Differing }) {
  const { t } = useTranslation();
  const amount = useAmounts();
  const both = (captured: number, refunded: number) =>
    refunded ? t("settlement.less", { captured: amount(captured), refunded: amount(refunded) }) : amount(captured);
  return (
    <li className="number flex flex-wrap items-baseline gap-x-3 gap-y-0.5 border-t border-line py-2 text-sm">
      <span className="font-semibold wrap-anywhere">
        {of.payment_id ? (
          <Link className="text-accent underline" to={`/admin/money?payment=${of.payment_id}`}>
            {of.payment_id}
          </Link>
        ) : (
          of.order
        )}
      </span>
      <Badge tone={of.differs === "other_day" ? "plain" : "warn"}>{t(`settlement.differs_${of.differs}`)}</Badge>
      <span className="text-ink-2">
        {t("settlement.ours_theirs", {
          ours: both(of.captured, of.refunded),
          theirs: both(of.provider_captured, of.provider_refunded),
        })}
      </span>
    </li>
  );
}

function Provider({ of }: { of: ProviderSettlement }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const balanced = of.difference === 0 && of.differing_total === 0;
  return (
    <li className="card flex flex-col gap-3 p-4 sm:p-5">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-base font-bold">{t(`provider.${of.provider}`, of.provider)}</h3>
        {balanced && <Badge tone="accent">{t("settlement.balanced")}</Badge>}
        {of.reason && <Badge tone={of.reason === "silent" ? "danger" : "plain"}>{t(`settlement.reason_${of.reason}`)}</Badge>}
        {of.differing_total > 0 && (
          <Badge tone="warn">{t("settlement.differing", { n: number(of.differing_total), count: of.differing_total })}</Badge>
        )}
      </div>
      <Total sums={of} />
      <p className="text-sm text-ink-3">{t(`settlement.fees_by_${of.fees_by}`)}</p>
      {of.reason && (
        <p className="text-sm text-ink-2">
          {t(`settlement.reason_${of.reason}_text`)}
          {of.code && <span className="number">{` (${of.code})`}</span>}
        </p>
      )}
      {of.differing.length > 0 && (
        <details open={of.differing.length <= 10}>
          <summary className="min-h-9 w-fit rounded-lg text-sm font-semibold text-ink-2">{t("settlement.which")}</summary>
          <ul>
            {of.differing.map((each) => (
              <DifferingRow key={each.order} of={each} />
            ))}
          </ul>
          {of.differing_total > of.differing.length && (
            <p className="text-sm text-ink-3">
              {t("settlement.not_all", { n: number(of.differing.length), total: number(of.differing_total) })}
            </p>
          )}
        </details>
      )}
    </li>
  );
}

// A table where there is room for one; a card for each line on a phone.
function Lines({ lines }: { lines: SettlementLine[] }) {
  const { t } = useTranslation();
  const { number, foreign } = useFormat();
  const amount = useAmounts();
  if (lines.length === 0) return <p className="text-sm text-ink-3">{t("settlement.nothing")}</p>;
  const columns = ["payments", "captured", "refunded", "fees", "provider_says", "difference"] as const;
  const value = (line: SettlementLine, column: (typeof columns)[number]) => {
    const said = line.provider_says;
    if (column === "payments") return number(line.payments);
    return amount(column === "provider_says" ? said && said.captured - said.refunded : line[column]);
  };
  return (
    <table className="number w-full text-sm max-md:block">
      <thead className="max-md:sr-only">
        <tr className="border-b border-line text-ink-3">
          <th scope="col" className="py-2 pr-3 text-left font-semibold">{t("settlement.show")}</th>
          <th scope="col" className="py-2 pr-3 text-left font-semibold">{t("money_page.provider")}</th>
          {columns.map((column) => (
            <th key={column} scope="col" className="py-2 pl-3 text-right font-semibold">
              {t(`settlement.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="max-md:flex max-md:flex-col max-md:gap-3">
        {lines.map((line) => (
          <tr
            key={`${line.provider} ${line.show_id ?? ""}`}
            className="border-b border-line max-md:card max-md:flex max-md:flex-col max-md:p-4"
          >
            <th scope="row" lang={foreign(line.title)} className="py-2 pr-3 text-left font-semibold max-md:py-0 max-md:text-base">
              {line.title ?? t("settlement.no_show")}
            </th>
            <td className="py-2 pr-3 text-ink-2 max-md:pb-2 max-md:pt-0">{t(`provider.${line.provider}`, line.provider)}</td>
            {columns.map((column) => (
              <td
                key={column}
                className={
                  "py-2 pl-3 text-right max-md:flex max-md:justify-between max-md:gap-4 max-md:px-0 max-md:py-0.5 " +
                  (column === "difference" && line.difference ? "font-semibold text-danger" : "")
                }
              >
                <span aria-hidden="true" className="text-ink-3 md:hidden">
                  {t(`settlement.${column}`)}
                </span>
                {value(line, column)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Report({ settlement }: { settlement: Settlement }) {
  const { t } = useTranslation();
  const silent = settlement.providers.filter(({ reason }) => reason === "silent");
  return (
    <>
      {!settlement.over && <Alert>{t("settlement.running")}</Alert>}
      {silent.length > 0 && <Alert tone="warn">{t("settlement.silent")}</Alert>}
      <section aria-labelledby="settlement-total" className="flex flex-col gap-3">
        <h2 id="settlement-total" className="text-lg font-bold">
          {t("settlement.total")}
        </h2>
        <Total sums={settlement} />
      </section>
      <section aria-labelledby="settlement-providers" className="flex flex-col gap-3">
        <h2 id="settlement-providers" className="text-lg font-bold">
          {t("settlement.providers")}
        </h2>
        <ul className="flex flex-col gap-4">
          {settlement.providers.map((each) => (
            <Provider key={each.provider} of={each} />
          ))}
        </ul>
      </section>
      <section aria-labelledby="settlement-shows" className="flex flex-col gap-3">
        <h2 id="settlement-shows" className="text-lg font-bold">
          {t("settlement.shows")}
        </h2>
        <Lines lines={settlement.lines} />
      </section>
    </>
  );
}

function Body() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const day = search.get("day") ?? today();
  const provider = search.get("provider") ?? "";
  const settlement = useSettlement(day, provider);
  const choose = (change: Record<string, string>) =>
    setSearch({ day, ...(provider && { provider }), ...change }, { replace: true });
  if (settlement.error instanceof ApiError && settlement.error.status === 403) return <Forbidden />;
  return (
    <div className="container-page flex flex-col gap-6 py-6 md:py-10">
      <MoneyTabs />
      <div className="flex flex-col gap-1">
        <h1 className="text-2xl font-bold">{t("settlement.title")}</h1>
        <p className="max-w-prose text-ink-2">{t("settlement.lead")}</p>
      </div>
      <div className="grid items-end gap-3 sm:grid-cols-[14rem_14rem_max-content]">
        <Field
          label={t("settlement.day")}
          type="date"
          required
          max={today()}
          value={day}
          onChange={(event) => event.target.value && choose({ day: event.target.value })}
        />
        <Select
          label={t("money_page.provider")}
          value={provider}
          options={[["", t("money_page.all")], ...PROVIDERS.map((each): [string, string] => [each, t(`provider.${each}`)])]}
          onChange={(chosen) => setSearch({ day, ...(chosen && { provider: chosen }) }, { replace: true })}
        />
        <Download
          label={t("settlement.csv")}
          name={() => `settlement-${day}${provider && `-${provider}`}.csv`}
          parts={() => settlementCsv(day, provider)}
        />
      </div>
      {settlement.isPending && (
        <Loading>
          <p className="mb-3 text-sm text-ink-3">{t("settlement.asking")}</p>
          <Skeleton className="h-48 w-full rounded-2xl" />
        </Loading>
      )}
      {settlement.isError && (
        <Failure error={settlement.error} onRetry={() => void settlement.refetch()} busy={settlement.isFetching} />
      )}
      {settlement.data && <Report settlement={settlement.data} />}
    </div>
  );
}

export default function SettlementPage() {
  const { t } = useTranslation();
  useTitle(t("settlement.title"));
  return (
    <Operators>
      <Body />
    </Operators>
  );
}
