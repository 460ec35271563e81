import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Deposit, Payment } from "../api/types";
import { announce } from "../app/announce";
import { durationText, useFormat } from "../app/format";
import { useCountdown } from "../app/hooks";
import { Button } from "../app/ui/Button";

const SOON_MS = 86_400_000;

// The number alone, for the bank's app. Where a page may not write to the clipboard, it can be marked.
function Copy({ text }: { text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  if (!navigator.clipboard) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce(t("deposit.copied"));
  };
  return (
    <Button look="secondary" size="sm" onClick={() => void copy().catch(() => setCopied(false))}>
      {t(copied ? "deposit.copied" : "deposit.copy")}
    </Button>
  );
}

// The money is awaited: how much, into which account, until when.
// `keptUntil`: the seats are somebody else's afterwards, however long the provider waits.
type Props = { payment: Payment; deposit: Deposit; keptUntil: string | undefined };

export function DepositCard({ payment, deposit, keptUntil }: Props) {
  const { t, i18n } = useTranslation();
  const { money, dateTime, foreign } = useFormat();
  const until = [deposit.until, keptUntil].filter((each) => each !== undefined).sort((a, b) => Date.parse(a) - Date.parse(b))[0];
  const left = useCountdown(until);
  const bank = `bank.${deposit.bank}`; // by its code
  const facts: [string, string][] = [
    [t("deposit.bank"), i18n.exists(bank) ? t(bank) : deposit.bank],
    [t("deposit.holder"), deposit.holder],
  ];
  return (
    <section aria-labelledby="deposit" className="card flex flex-col gap-4 p-5 shadow-card">
      <h2 id="deposit" className="text-lg font-bold">
        {t("deposit.title", { amount: money(payment.amount, payment.currency) })}
      </h2>
      <dl className="flex flex-col gap-2 text-sm">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <dt className="text-ink-2">{t("deposit.account")}</dt>
          <dd className="flex flex-wrap items-center gap-2">
            <span className="number text-lg font-bold">{deposit.account}</span>
            <Copy text={deposit.account} />
          </dd>
        </div>
        {facts
          .filter(([, value]) => value)
          .map(([term, value]) => (
            <div key={term} className="flex justify-between gap-4">
              <dt className="text-ink-2">{term}</dt>
              <dd lang={foreign(value)}>{value}</dd>
            </div>
          ))}
        {until && (
          <div className="flex justify-between gap-4">
            <dt className="text-ink-2">{t("deposit.until")}</dt>
            <dd className="number text-right font-semibold">
              <time dateTime={until}>{dateTime(until)}</time>
              {left !== undefined && left < SOON_MS && <span className="block text-danger">{durationText(left)}</span>}
            </dd>
          </div>
        )}
      </dl>
      <p role="status" className="text-sm text-ink-2">
        {t("deposit.text")}
      </p>
    </section>
  );
}
