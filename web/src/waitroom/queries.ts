import { useQuery } from "@tanstack/react-query";
import { del, get } from "../api/client";
import type { PlaceView, Room } from "../api/types";

const roomPath = (room: string) => `/rooms/${encodeURIComponent(room)}`;

export function useRoom(room: string | undefined, refetchInterval: number | false = 10_000) {
  return useQuery({
    queryKey: ["room", room],
    enabled: Boolean(room),
    refetchInterval,
    queryFn: ({ signal }) => get<Room>(roomPath(room ?? ""), { signal, fresh: true }),
  });
}

const proof = (place: string | undefined) => (place ? { "Onsale-Place": place } : undefined);

export const fetchPlace = (room: string, place: string | undefined, signal?: AbortSignal) =>
  get<PlaceView>(`${roomPath(room)}/places/me`, { headers: proof(place), fresh: true, signal });

export const leaveRoom = (room: string, place: string | undefined) =>
  del(`${roomPath(room)}/places/me`, { headers: proof(place) });

export const placeEventsUrl = (room: string) => `/api/v1${roomPath(room)}/places/me/events`;
