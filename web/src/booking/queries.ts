import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, callOnce, del, get, newKey } from "../api/client";
import { serverNow } from "../api/clock";
import type {
  Availability,
  Cancellation,
  Hold,
  Page,
  Reservation,
  ReservationState,
  SeatChoice,
  SeatMapData,
  Ticket,
} from "../api/types";

const performancePath = (id: string) => `/performances/${encodeURIComponent(id)}`;
const REFUND_LOOK_MS = 5000;
const MOST_MS = 60 * 60_000; // of a timer
const reservationPath = (id: string) => `/reservations/${encodeURIComponent(id)}`;

export function useSeatMap(performance: string) {
  return useQuery({
    queryKey: ["seatmap", performance],
    staleTime: 10 * 60_000,
    queryFn: ({ signal }) => get<SeatMapData>(`${performancePath(performance)}/seatmap`, { signal }),
  });
}

export const fetchAvailability = (performance: string, signal?: AbortSignal) =>
  get<Availability>(`${performancePath(performance)}/availability`, { signal, fresh: true });

type HoldRequest = { performance: string; choice: SeatChoice; pass: string | undefined };

export function useHold() {
  return useMutation({
    mutationFn: ({ performance, choice, pass }: HoldRequest) =>
      callOnce<Hold>("POST", `${performancePath(performance)}/holds`, {
        body: choice,
        headers: pass ? { "Onsale-Pass": pass } : undefined,
        idempotencyKey: newKey(),
      }),
  });
}

export const releaseHold = (hold: string) => del(`/holds/${encodeURIComponent(hold)}`);

export function useReserve() {
  const queries = useQueryClient();
  return useMutation({
    // The hold's id is the key: however often this runs, a hold becomes one reservation.
    mutationFn: (hold: string) =>
      callOnce<Reservation>("POST", "/reservations", {
        body: { hold_id: hold },
        idempotencyKey: `reserve-${hold}`,
      }),
    onSuccess: (reservation) => {
      queries.setQueryData(["mine", "reservation", reservation.id], reservation);
      void queries.invalidateQueries({ queryKey: ["mine", "reservations"] });
    },
  });
}

export function useReservation(id: string, refetchInterval: number | false = false) {
  return useQuery({
    queryKey: ["mine", "reservation", id],
    staleTime: 0,
    refetchInterval,
    queryFn: ({ signal }) => get<Reservation>(reservationPath(id), { signal, fresh: true }),
  });
}

export function useReservations(state: ReservationState | "", enabled = true) {
  return useQuery<Reservation[]>({
    enabled,
    queryKey: ["mine", "reservations", state],
    staleTime: 0,
    // Money on its way back arrives by itself.
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ refunds }) => refunds.some((refund) => refund.state === "requested")) ? REFUND_LOOK_MS : false,
    queryFn: async ({ signal }) => {
      const items: Reservation[] = [];
      let cursor: string | null | undefined;
      do {
        const query = new URLSearchParams();
        if (state) query.set("state", state);
        if (cursor) query.set("cursor", cursor);
        const page: Page<Reservation> = await get<Page<Reservation>>(
          `/reservations?${query.toString()}`,
          { signal, fresh: true },
        );
        items.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor && items.length < 200);
      return items;
    },
  });
}

// What a cancellation of these seats would give back; no seats are none. Good until `valid_until`, and
// then asked for again.
export function useCancellation(id: string, seats: string[], enabled: boolean) {
  const chosen = [...seats].sort().join(",");
  return useQuery<Cancellation>({
    queryKey: ["mine", "cancellation", id, chosen],
    enabled: enabled && seats.length > 0,
    staleTime: 0,
    retry: (failures, error) => error instanceof ApiError && error.transient && failures < 2,
    refetchInterval: ({ state: { data } }) =>
      data ? Math.min(MOST_MS, Math.max(1000, Date.parse(data.valid_until) - serverNow() + 500)) : false,
    queryFn: ({ signal }) =>
      get<Cancellation>(`${reservationPath(id)}/cancellation?seats=${encodeURIComponent(chosen)}`, { signal, fresh: true }),
  });
}

type Cancelling = {
  id: string;
  seats?: string[]; // all without
  refund_expected?: number; // what the buyer was shown, where something was
};

export function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: Cancelling) =>
      callOnce<Reservation>("POST", `${reservationPath(id)}/cancel`, {
        body,
        idempotencyKey: newKey(),
      }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["mine"] }),
  });
}

export function useTickets(reservation: string, enabled: boolean) {
  return useQuery({
    queryKey: ["mine", "tickets", reservation],
    enabled,
    queryFn: ({ signal }) =>
      get<Ticket[]>(`${reservationPath(reservation)}/tickets`, { signal, fresh: true }),
  });
}

