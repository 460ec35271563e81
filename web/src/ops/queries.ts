import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { get, patch } from "../api/client";
import { subscribe } from "../api/live";
import type { AdminRoom, Page, Room, RoomChange } from "../api/types";

const ROOMS = ["mine", "admin", "rooms"] as const;

export function useAdminRooms() {
  return useQuery({
    queryKey: ROOMS,
    refetchInterval: 10_000,
    queryFn: ({ signal }) => get<Page<AdminRoom>>("/admin/rooms", { signal, fresh: true }),
  });
}

export function useChangeRoom(room: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: RoomChange) =>
      patch<AdminRoom>(`/admin/rooms/${encodeURIComponent(room)}`, change),
    onSuccess: (changed) =>
      queries.setQueryData<Page<AdminRoom>>(ROOMS, (now) =>
        now && changed
          ? { ...now, items: now.items.map((each) => (each.id === room ? { ...each, ...changed } : each)) }
          : now,
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ROOMS }),
  });
}

type Numbers = Omit<Room, "offers">;
export type Samples = { at: number[]; waiting: number[]; active: number[] };
const KEEP = 450; // fifteen minutes of one sample every two seconds
const SAMPLE_MS = 2000;

// The newest numbers of a room and their recent past. Messages come only while something changes,
// so the past is sampled by the clock.
export function useRoomLive(room: AdminRoom) {
  const [live, setLive] = useState<Numbers>();
  const [samples, setSamples] = useState<Samples>(() => ({
    at: [Date.now() / 1000],
    waiting: [room.waiting],
    active: [room.active],
  }));
  const newest = useRef<Numbers>(room);

  useEffect(() => {
    newest.current = room; // a poll is news as well
    setLive(undefined);
  }, [room]);

  useEffect(
    () =>
      subscribe(`/topic/rooms/${room.id}`, (body) => {
        newest.current = { ...newest.current, ...(body as Numbers) };
        setLive(newest.current);
      }),
    [room.id],
  );

  useEffect(() => {
    const sample = () =>
      setSamples((now) => ({
        at: [...now.at, Date.now() / 1000].slice(-KEEP),
        waiting: [...now.waiting, newest.current.waiting].slice(-KEEP),
        active: [...now.active, newest.current.active].slice(-KEEP),
      }));
    const timer = setInterval(sample, SAMPLE_MS);
    return () => clearInterval(timer);
  }, [room.id]);

  return { now: live ?? room, samples };
}
