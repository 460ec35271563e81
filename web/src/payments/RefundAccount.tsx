import { useId, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Reservation } from "../api/types";
import { announce } from "../app/announce";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { Field, inputClass } from "../app/ui/Field";
import { useErrorText } from "../app/ui/states";
import { useGiveAccount, usePayment } from "./queries";

// By their codes, those that most people have first.
const BANKS = [
  "04", "88", "20", "81", "11", "03", "90", "92", "89", "23", "27", "31",
  "32", "39", "37", "34", "35", "45", "48", "71", "07", "02", "50",
];
const UNDONE = new Set(["requested", "failed"]);

// What was deposited came from nobody's card: its owner says where it goes back to.
export function RefundAccount({ reservation: { id, payment_id, refunds } }: { reservation: Reservation }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const waits = refunds.some(({ state }) => UNDONE.has(state));
  const payment = usePayment(payment_id, waits);
  const give = useGiveAccount(id);
  const [account, setAccount] = useState({ bank: "", account: "", holder: "" });
  const bank = useId();
  if (!waits || !payment.data?.refund_account_needed) return null;
  const digits = account.account.replace(/\D/g, "");
  const ready = account.bank && digits.length >= 6 && account.holder.trim();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    give.mutate(
      { bank: account.bank, account: digits, holder: account.holder.trim() },
      { onSuccess: () => announce(t("refund_account.taken")) },
    );
  };
  return (
    <form
      aria-label={t("refund_account.title")}
      className="mt-3 flex w-full max-w-md flex-col gap-3 rounded-xl bg-sunken p-4 text-left"
      onSubmit={onSubmit}
    >
      <div>
        <p className="font-bold">{t("refund_account.title")}</p>
        <p className="text-sm text-ink-2">{t("refund_account.text")}</p>
      </div>
      <div className="flex flex-col gap-1.5">
        <label htmlFor={bank} className="text-sm font-semibold">
          {t("deposit.bank")}
        </label>
        <select
          id={bank}
          required
          value={account.bank}
          className={`${inputClass} border-line-strong`}
          onChange={(event) => setAccount({ ...account, bank: event.target.value })}
        >
          <option value="">{t("refund_account.choose")}</option>
          {BANKS.map((code) => (
            <option key={code} value={code}>
              {t(`bank.${code}`)}
            </option>
          ))}
        </select>
      </div>
      <Field
        label={t("deposit.account")}
        inputMode="numeric"
        autoComplete="off"
        maxLength={40}
        required
        value={account.account}
        onChange={(event) => setAccount({ ...account, account: event.target.value })}
      />
      <Field
        label={t("deposit.holder")}
        autoComplete="name"
        maxLength={60}
        required
        value={account.holder}
        onChange={(event) => setAccount({ ...account, holder: event.target.value })}
      />
      {give.isError && <Alert tone="bad">{text(give.error)}</Alert>}
      <Button type="submit" busy={give.isPending} disabled={!ready}>
        {t("refund_account.give")}
      </Button>
    </form>
  );
}
