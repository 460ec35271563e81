import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Reservation } from "../api/types";
import { useFormat } from "../app/format";
import { Button } from "../app/ui/Button";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import { Dialog } from "../app/ui/Dialog";
import { useCancel } from "./queries";
import { useReservationShow, useSeatName } from "./ReservationParts";

type Props = { reservation: Reservation; onClose: () => void };

// What this cancel gives back, without what earlier ones did.
export function newlyRefunded(known: Reservation["refunds"], after: Reservation): number {
  const before = new Set(known.map((refund) => refund.id));
  return after.refunds
    .filter((refund) => !before.has(refund.id))
    .reduce((sum, refund) => sum + refund.amount, 0);
}

// Asks first, says what comes back, and tells afterwards what came back.
export function CancelDialog({ reservation, onClose }: Props) {
  const { t } = useTranslation();
  const { money, dateTime } = useFormat();
  const seatName = useSeatName();
  const { title, startsAt } = useReservationShow(reservation);
  const cancel = useCancel();
  const [known] = useState(reservation.refunds); // as the question was asked
  const open = reservation.seats.filter((seat) => seat.state !== "cancelled");
  const [ids, setIds] = useState(() => new Set(open.map((seat) => seat.id)));
  const whole = ids.size === open.length;
  const confirmed = reservation.state === "confirmed";

  if (cancel.isSuccess) {
    const refunded = newlyRefunded(known, cancel.data);
    return (
      <Dialog
        title={t("cancel.done_title")}
        onClose={onClose}
        actions={<Button onClick={onClose}>{t("common.close")}</Button>}
      >
        {refunded > 0
          ? t("cancel.done_refund", { amount: money(refunded, reservation.currency) })
          : t("cancel.done_text")}
      </Dialog>
    );
  }
  const toggle = (id: string) =>
    setIds((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <ConfirmDialog
      title={t("cancel.title")}
      keep={t("cancel.keep")}
      act={whole ? t("cancel.submit") : t("cancel.submit_some", { n: ids.size, count: ids.size })}
      busy={cancel.isPending}
      error={cancel.error}
      disabled={ids.size === 0}
      onAct={() => cancel.mutate({ id: reservation.id, ...(whole ? {} : { seats: [...ids] }) })}
      onClose={onClose}
    >
      <p className="font-semibold text-ink">
        {title}
        <span className="block text-sm font-normal text-ink-2">{dateTime(startsAt)}</span>
      </p>
      {open.length > 1 && confirmed ? (
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-sm">{t("cancel.which")}</legend>
          {open.map((seat) => (
            <label key={seat.id} className="number flex min-h-11 items-center gap-3 rounded-lg px-2 hover:bg-sunken">
              <input
                type="checkbox"
                className="size-5 accent-[var(--accent)]"
                checked={ids.has(seat.id)}
                onChange={() => toggle(seat.id)}
              />
              <span className="grow text-ink">{`${seatName(seat)} · ${seat.grade}`}</span>
              <span>{money(seat.price, reservation.currency)}</span>
            </label>
          ))}
        </fieldset>
      ) : (
        <p className="number">{open.map((seat) => seatName(seat)).join(", ")}</p>
      )}
      <p className="text-sm">{confirmed ? t("cancel.text") : t("cancel.text_pending")}</p>
    </ConfirmDialog>
  );
}
