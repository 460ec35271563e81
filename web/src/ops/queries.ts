import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { ApiError, del, get, getText, patch, post } from "../api/client";
import { serverNow } from "../api/clock";
import { subscribe } from "../api/live";
import type {
  AdminRoom,
  AuditEntry,
  Invite,
  InviteBatch,
  InviteOrder,
  Lottery,
  LotteryBeacon,
  LotteryEvidence,
  Page,
  ProofStatus,
  Room,
  RoomChange,
  RoomHistory,
} from "../api/types";
import { ifSeen, settingsTold } from "./changes";
import { grown, newest, type Past } from "./facts";

const ROOMS = ["mine", "admin", "rooms"] as const;
const ROOM = (room: string) => ["mine", "admin", "room", room] as const;
export const AUDIT = ["mine", "admin", "audit"] as const;
const about = (room: string, what: string) => [...ROOM(room), what] as const;
const path = (room: string, rest = "") => `/admin/rooms/${encodeURIComponent(room)}${rest}`;

// Whoever was logged out, or is no operator any more, asks no further.
export const whileAllowed =
  (ms: number) =>
  ({ state: { error } }: { state: { error: unknown } }) =>
    error instanceof ApiError && (error.status === 401 || error.status === 403) ? false : ms;

export function useAdminRooms() {
  return useQuery({
    queryKey: ROOMS,
    refetchInterval: whileAllowed(10_000),
    queryFn: ({ signal }) => get<Page<AdminRoom>>("/admin/rooms", { signal, fresh: true }),
  });
}

// Asked often: another operator may propose something.
export function useAdminRoom(room: string) {
  return useQuery({
    queryKey: ROOM(room),
    refetchInterval: whileAllowed(3000),
    queryFn: ({ signal }) => get<AdminRoom>(path(room), { signal, fresh: true }),
  });
}

function learn(queries: QueryClient, room: string, changed: AdminRoom | undefined) {
  if (!changed) return;
  queries.setQueryData<AdminRoom>(ROOM(room), changed);
  queries.setQueryData<Page<AdminRoom>>(ROOMS, (now) =>
    now && { ...now, items: now.items.map((each) => (each.id === room ? { ...each, ...changed } : each)) },
  );
}

function useRoomAct<Input>(room: string, act: (input: Input) => Promise<AdminRoom | undefined>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (changed) => learn(queries, room, changed),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ROOMS }),
        queries.invalidateQueries({ queryKey: ROOM(room) }),
        queries.invalidateQueries({ queryKey: AUDIT }),
      ]),
  });
}

export const useChangeRoom = (room: AdminRoom) =>
  useRoomAct(room.id, (change: RoomChange) =>
    patch<AdminRoom>(path(room.id), change, { headers: ifSeen(room, change) }),
  );
export const useApprove = (room: string) =>
  useRoomAct(room, (proposal: string) => post<AdminRoom>(path(room, `/proposals/${proposal}/approval`)));
export const useWithdraw = (room: string) =>
  useRoomAct(room, async (proposal: string): Promise<undefined> => {
    await del(path(room, `/proposals/${proposal}`));
  });

export function useLottery(room: string) {
  return useQuery({
    queryKey: about(room, "lottery"),
    refetchInterval: whileAllowed(3000),
    queryFn: ({ signal }) => get<Lottery>(`/rooms/${encodeURIComponent(room)}/lottery`, { signal, fresh: true }),
  });
}

export type LotteryAct =
  | { step: "" | "/abandon"; body?: undefined }
  | { step: "/close"; body: { beacon: LotteryBeacon } }
  | { step: "/draw"; body: LotteryEvidence };

export function useLotteryAct(room: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ step, body }: LotteryAct) => post<Lottery>(path(room, `/lottery${step}`), body),
    onSuccess: (lottery) => queries.setQueryData(about(room, "lottery"), lottery),
    onSettled: () => queries.invalidateQueries({ queryKey: ROOM(room) }),
  });
}

export function useProofStatus(room: string) {
  return useQuery({
    queryKey: about(room, "proof"),
    refetchInterval: whileAllowed(5000),
    queryFn: ({ signal }) => get<ProofStatus>(path(room, "/proof"), { signal, fresh: true }),
  });
}

export function useInviteBatches(room: string) {
  return useQuery({
    queryKey: about(room, "invites"),
    queryFn: ({ signal }) => get<Page<InviteBatch>>(path(room, "/invites/batches"), { signal, fresh: true }),
  });
}

export function useMakeInvites(room: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (order: InviteOrder) => post<Page<Invite>>(path(room, "/invites"), order),
    onSettled: () => queries.invalidateQueries({ queryKey: about(room, "invites") }),
  });
}

export async function allInvites(room: string): Promise<Invite[]> {
  const found: Invite[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const page: Page<Invite> = await get(path(room, `/invites?limit=10000${cursor && `&cursor=${cursor}`}`));
    found.push(...page.items);
    cursor = page.next_cursor;
  }
  return found;
}

type AuditOf = { subject: string; who?: string };

function auditPage({ subject, who }: AuditOf, cursor: string, signal?: AbortSignal) {
  const query = new URLSearchParams({ limit: "100", subject, ...(who && { who }), ...(cursor && { cursor }) });
  return get<Page<AuditEntry>>(`/admin/audit?${query}`, { signal, fresh: true });
}

// What was changed about a room or a refund; by one operator when `who` is given.
export function useAudit({ subject, who }: AuditOf) {
  return useInfiniteQuery({
    queryKey: [...AUDIT, subject, who ?? ""],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => auditPage({ subject, who }, pageParam, signal),
    getNextPageParam: (page) => page.next_cursor,
  });
}

export async function allAudit(of: AuditOf): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const page: Page<AuditEntry> = await auditPage(of, cursor);
    found.push(...page.items);
    cursor = page.next_cursor;
  }
  return found;
}

// Every part of the room's log, as the Link headers lead on.
export async function allLog(room: string): Promise<string[]> {
  const parts: string[] = [];
  for (let next: string | undefined = path(room, "/log.csv"); next !== undefined; ) {
    const page: { text: string; next: string | undefined } = await getText(next);
    parts.push(page.text);
    next = page.next?.replace(/^.*?\/api\/v1/, "");
  }
  return parts;
}

type Numbers = Omit<Room, "offers" | "called_off"> & Partial<Pick<Room, "offers">>;

// The newest numbers of a room: by live message, and by every poll. A message with other settings than
// the last tells of somebody's change: the room is asked for at once, for the next change of this
// operator is made over what is shown.
export function useRoomNow(room: AdminRoom): Numbers {
  const queries = useQueryClient();
  const [live, setLive] = useState<Numbers>();
  const told = useRef("");
  useEffect(() => {
    setLive(undefined); // a poll is news as well
    told.current = settingsTold(room);
  }, [room]);
  useEffect(
    () =>
      subscribe(`/topic/rooms/${room.id}`, (body) => {
        const numbers = body as Numbers;
        setLive(numbers);
        const settings = settingsTold(numbers);
        if (settings === told.current) return;
        told.current = settings;
        void queries.invalidateQueries({ queryKey: ROOM(room.id) });
        void queries.invalidateQueries({ queryKey: ROOMS });
      }),
    [room.id, queries],
  );
  return live ?? room;
}

export type Samples = { at: number[]; waiting: number[]; active: number[] };
const SAMPLE_MS = 2000;
const KEEP = 450; // fifteen minutes

// Messages come only while something changes, so the past is sampled by the clock. What was before is
// asked of the server once.
export function useRoomLive(room: AdminRoom) {
  const now = useRoomNow(room);
  const newest = useRef(now);
  newest.current = now;
  const before = useQuery({
    queryKey: about(room.id, "before"),
    staleTime: Infinity,
    retry: false,
    queryFn: ({ signal }) => get<RoomHistory>(path(room.id, "/history"), { signal, fresh: true }),
  });
  const [since, setSince] = useState<Samples>(() => ({
    at: [serverNow() / 1000],
    waiting: [room.waiting],
    active: [room.active],
  }));
  useEffect(() => {
    const sample = () =>
      setSince((past) => ({
        at: [...past.at, serverNow() / 1000].slice(-KEEP),
        waiting: [...past.waiting, newest.current.waiting].slice(-KEEP),
        active: [...past.active, newest.current.active].slice(-KEEP),
      }));
    const timer = setInterval(sample, SAMPLE_MS);
    return () => clearInterval(timer);
  }, [room.id]);
  const samples = useMemo(() => {
    const past = before.data?.items.filter(({ at }) => Date.parse(at) / 1000 < since.at[0]!) ?? [];
    return {
      at: [...past.map(({ at }) => Date.parse(at) / 1000), ...since.at].slice(-KEEP),
      waiting: [...past.map(({ waiting }) => waiting), ...since.waiting].slice(-KEEP),
      active: [...past.map(({ active }) => active), ...since.active].slice(-KEEP),
    };
  }, [before.data, since]);
  return { now, samples };
}

// Everything that is counted of a room: the last hour, then on. It stays where a part of it is not
// asked for twice.
export function useRoomPast(room: string) {
  const queries = useQueryClient();
  const queryKey = about(room, "history");
  const past = useQuery({
    queryKey,
    refetchInterval: whileAllowed(SAMPLE_MS),
    retry: false,
    structuralSharing: false, // equal numbers are a sample, too
    queryFn: async ({ signal }) => {
      const known = queries.getQueryData<Past>(queryKey);
      const after = newest(known);
      const more = await get<RoomHistory>(path(room, `/history${after ? `?after=${after}` : ""}`), {
        signal,
        fresh: true,
      });
      return grown(known, more);
    },
  });
  return { past: past.data, stale: past.isError };
}

export const historyCsv = async (room: string) => (await getText(path(room, "/history.csv"))).text;
