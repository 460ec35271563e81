import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { ApiError } from "../api/client";
import type { LedgerAccount, Transfer } from "../api/types";
import { useFormat } from "../app/format";
import { useTitle } from "../app/hooks";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { Field } from "../app/ui/Field";
import { Select } from "../app/ui/Select";
import { Failure, Loading, Skeleton, useErrorText } from "../app/ui/states";
import { useShows } from "../catalogue/queries";
import { Download } from "./Download";
import { MoneyTabs } from "./MoneyTabs";
import { ledgerCsv, today, useBooksCheck, useLedger, useLedgerAccounts } from "./office";
import { Forbidden, Operators } from "./Operators";

// "revenue:shw_…" as people call it; what has no name is shown as it is.
function useAccountName() {
  const { t, i18n } = useTranslation();
  const shows = useShows("", "newest");
  const titles = new Map(shows.data?.pages.flatMap(({ items }) => items).map(({ id, title }) => [id, title]));
  return (account: string) => {
    const [kind = "", of] = account.split(":");
    const known = `ledger_page.account_${kind}`;
    if (!i18n.exists(known)) return account;
    if (!of) return t(known);
    return `${t(known)} · ${kind === "provider" ? t(`provider.${of}`, of) : (titles.get(of) ?? of)}`;
  };
}

function Books() {
  const { t } = useTranslation();
  const { exact, number } = useFormat();
  const text = useErrorText();
  const { last, run } = useBooksCheck();
  const known = last.data?.last;
  return (
    <section aria-labelledby="books" className="card flex flex-col gap-3 p-4 sm:p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="books" className="text-lg font-bold">
          {t("ledger_page.check")}
        </h2>
        <Button look="secondary" size="sm" busy={run.isPending || last.data?.running} onClick={() => run.mutate()}>
          {t("ledger_page.check_now")}
        </Button>
      </div>
      {known ? (
        <Alert tone={known.balanced ? "good" : "bad"} title={t(known.balanced ? "ledger_page.balanced" : "ledger_page.wrong")}>
          <span lang="en" className="number wrap-anywhere">{known.wrong ?? known.summary}</span>
          <span className="number block text-ink-3">
            {t("ledger_page.checked", { at: exact(known.at), ms: number(known.took_ms) })}
          </span>
        </Alert>
      ) : (
        <p className="text-sm text-ink-2">{t("ledger_page.never")}</p>
      )}
      {run.isError && <Alert tone="bad">{text(run.error)}</Alert>}
    </section>
  );
}

function Balance({ of }: { of: LedgerAccount }) {
  const { t } = useTranslation();
  const { money } = useFormat();
  const stands = of.debits - of.credits;
  const facts: [string, string][] = [
    [t("ledger_page.debits"), money(of.debits, of.currency)],
    [t("ledger_page.credits"), money(of.credits, of.currency)],
    [t(stands < 0 ? "ledger_page.owes" : "ledger_page.has"), money(Math.abs(stands), of.currency)],
  ];
  return (
    <dl className="number grid grid-cols-1 gap-3 sm:grid-cols-3">
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt className="text-sm text-ink-3">{term}</dt>
          <dd className="text-lg font-bold">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Row({ of, name }: { of: Transfer; name: (account: string) => string }) {
  const { t } = useTranslation();
  const { money, exact } = useFormat();
  const what = of.id.split(":")[1] ?? "";
  return (
    <li className="number grid grid-cols-[1fr_auto] gap-x-4 gap-y-0.5 border-t border-line py-3 text-sm md:grid-cols-[11rem_9rem_1fr_auto]">
      <time dateTime={of.at} className="text-ink-3 max-md:row-start-3">
        {exact(of.at)}
      </time>
      <span className="font-semibold max-md:row-start-1">{t(`ledger_page.what_${what}`, what)}</span>
      <span className="min-w-0 text-ink-2 wrap-anywhere max-md:col-span-2 max-md:row-start-2">
        {t("ledger_page.moved", { credit: name(of.credit), debit: name(of.debit) })}
        <Link className="block w-fit text-accent underline" to={`/admin/money?payment=${of.subject}`}>
          {of.subject}
        </Link>
        {of.note && <span className="block text-ink-3">{of.note}</span>}
      </span>
      <span className="text-right font-bold max-md:row-start-1">{money(of.amount, of.currency)}</span>
    </li>
  );
}

function Body() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const filter = {
    account: search.get("account") ?? "",
    from: search.get("from") ?? "",
    to: search.get("to") ?? "",
  };
  const ledger = useLedger(filter);
  const accounts = useLedgerAccounts();
  const name = useAccountName();
  const choose = (change: Partial<typeof filter>) =>
    setSearch(
      Object.fromEntries(Object.entries({ ...filter, ...change }).filter(([, value]) => value !== "")),
      { replace: true },
    );
  if (ledger.error instanceof ApiError && ledger.error.status === 403) return <Forbidden />;
  const items = ledger.data?.pages.flatMap((page) => page.items);
  const chosen = accounts.data?.find(({ account }) => account === filter.account);
  const options = (accounts.data ?? []).map(({ account }): [string, string] => [account, name(account)]);
  return (
    <div className="container-page flex flex-col gap-6 py-6 md:py-10">
      <MoneyTabs />
      <div className="flex flex-col gap-1">
        <h1 className="text-2xl font-bold">{t("ledger_page.title")}</h1>
        <p className="max-w-prose text-ink-2">{t("ledger_page.lead")}</p>
      </div>
      <Books />
      <section aria-labelledby="transfers" className="flex flex-col gap-4">
        <h2 id="transfers" className="text-lg font-bold">
          {t("ledger_page.transfers")}
        </h2>
        <div className="grid items-end gap-3 sm:grid-cols-2 lg:grid-cols-[1fr_11rem_11rem_max-content]">
          <Select
            label={t("ledger_page.account")}
            value={filter.account}
            options={[
              ["", t("money_page.all")],
              ...options,
              ...(filter.account && !chosen ? [[filter.account, filter.account] as [string, string]] : []),
            ]}
            onChange={(account) => choose({ account })}
          />
          <Field
            label={t("ledger_page.from")}
            type="date"
            max={filter.to || today()}
            value={filter.from}
            onChange={(event) => choose({ from: event.target.value })}
          />
          <Field
            label={t("ledger_page.to")}
            type="date"
            min={filter.from}
            max={today()}
            value={filter.to}
            onChange={(event) => choose({ to: event.target.value })}
          />
          <Download
            label={t("ledger_page.csv")}
            name={() => `ledger-${filter.from || "begin"}-${filter.to || today()}.csv`}
            parts={() => ledgerCsv(filter)}
          />
        </div>
        {chosen && <Balance of={chosen} />}
        {ledger.isPending && (
          <Loading>
            <Skeleton className="h-48 w-full" />
          </Loading>
        )}
        {ledger.isError && !items && (
          <Failure error={ledger.error} onRetry={() => void ledger.refetch()} busy={ledger.isFetching} />
        )}
        {items?.length === 0 && <p className="text-sm text-ink-3">{t("ledger_page.none")}</p>}
        <ul>
          {items?.map((each) => (
            <Row key={each.seq} of={each} name={name} />
          ))}
        </ul>
        {ledger.hasNextPage && (
          <Button
            look="secondary"
            className="self-center"
            busy={ledger.isFetchingNextPage}
            onClick={() => void ledger.fetchNextPage()}
          >
            {t("common.more")}
          </Button>
        )}
      </section>
    </div>
  );
}

export default function LedgerPage() {
  const { t } = useTranslation();
  useTitle(t("ledger_page.title"));
  return (
    <Operators>
      <Body />
    </Operators>
  );
}
