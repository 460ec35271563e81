import { useMemo } from "react";
import type { Hold } from "../api/types";
import { useReservations } from "./queries";

// Seats of a performance that are held for this buyer: by a hold, or waiting for the payment.
export function useOwnSeats(
  performance: string,
  signedIn: boolean,
  held: Hold | undefined,
): ReadonlySet<string> {
  const { data } = useReservations("pending", signedIn);
  return useMemo(() => {
    const reserved = data?.filter((each) => each.performance.id === performance) ?? [];
    return new Set([held ?? [], reserved].flat().flatMap((each) => each.seats.map((seat) => seat.id)));
  }, [data, held, performance]);
}
