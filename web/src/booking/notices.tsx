import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Reservation } from "../api/types";
import { durationText } from "../app/format";
import { useCountdown } from "../app/hooks";
import { Alert } from "../app/ui/Alert";
import { Button, ButtonLink } from "../app/ui/Button";
import { useErrorText } from "../app/ui/states";
import { useReservations } from "./queries";
import type { useBuying } from "./useBuying";

function Pending({ reservation }: { reservation: Reservation }) {
  const { t } = useTranslation();
  const left = useCountdown(reservation.pay_by);
  if (left === 0) return null;
  return (
    <Alert
      tone="good"
      title={t("pending.title", { n: reservation.seats.length, count: reservation.seats.length })}
      actions={
        <ButtonLink size="sm" to={`/checkout/${reservation.id}`}>
          {t("pending.resume")}
        </ButtonLink>
      }
    >
      <span className="number">
        {left === undefined ? t("pending.text") : t("pending.left", { left: durationText(left) })}
      </span>
    </Alert>
  );
}

// Seats of this performance that wait for this buyer's payment.
export function PendingNotice({ performance, signedIn }: { performance: string; signedIn: boolean }) {
  if (!signedIn) return null;
  return <SignedInPending performance={performance} />;
}

function SignedInPending({ performance }: { performance: string }) {
  const reservations = useReservations("pending");
  const found = reservations.data?.find((each) => each.performance.id === performance);
  return found ? <Pending reservation={found} /> : null;
}

type TroubleProps = { buying: ReturnType<typeof useBuying>; seatName: (id: string) => string };

export function HoldTrouble({ buying, seatName }: TroubleProps) {
  const { t } = useTranslation();
  const text = useErrorText();
  const { trouble, held, expireHold } = buying;
  const left = useCountdown(held?.expires_at);
  useEffect(() => {
    if (held && left === 0) expireHold();
  }, [held, left, expireHold]);

  const message =
    trouble?.kind === "too_many"
      ? t("seat.max", { max: trouble.max, count: trouble.max })
      : trouble?.kind === "taken"
        ? trouble.seats.length > 0
          ? t("seat.taken", { seats: trouble.seats.map(seatName).join(", "), count: trouble.seats.length })
          : t("errors.seat_unavailable")
        : trouble
          ? text(trouble.error)
          : undefined;
  if (held && !buying.busy) {
    return (
      <Alert
        tone="warn"
        title={t("hold.title", { seats: held.seats.map((seat) => seatName(seat.id)).join(", ") })}
        actions={
          <>
            <Button size="sm" onClick={buying.resume}>
              {t("hold.continue")}
            </Button>
            <Button size="sm" look="secondary" onClick={buying.release}>
              {t("hold.release")}
            </Button>
          </>
        }
      >
        <span className="number">{left !== undefined && t("hold.left", { left: durationText(left) })}</span>{" "}
        {message}
      </Alert>
    );
  }
  if (!message) return null;
  return (
    <Alert
      tone="warn"
      actions={
        <Button size="sm" look="secondary" onClick={() => buying.tell(undefined)}>
          {t("common.understood")}
        </Button>
      }
    >
      {message}
    </Alert>
  );
}
