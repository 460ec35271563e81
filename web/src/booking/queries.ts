import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { callOnce, del, get, newKey } from "../api/client";
import type {
  Availability,
  Hold,
  Page,
  Reservation,
  ReservationState,
  SeatChoice,
  SeatMapData,
  Ticket,
} from "../api/types";

const performancePath = (id: string) => `/performances/${encodeURIComponent(id)}`;
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
  return useQuery({
    enabled,
    queryKey: ["mine", "reservations", state],
    staleTime: 0,
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

export function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, seats }: { id: string; seats?: string[] }) =>
      callOnce<Reservation>("POST", `${reservationPath(id)}/cancel`, {
        body: seats ? { seats } : {},
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

