import { useCallback, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { ApiError } from "../api/client";
import { serverNow } from "../api/clock";
import type { Hold, Performance, SeatChoice } from "../api/types";
import { session, storedJson } from "../app/storage";
import { loginPath } from "../identity/next";
import { useMe } from "../identity/queries";
import { goToWait } from "../waitroom/address";
import { forgetPlace, readPlace } from "../waitroom/placeStore";
import { releaseHold, useHold, useReserve } from "./queries";
import type { useSelection } from "./useSelection";

export type Trouble =
  | { kind: "too_many"; max: number }
  | { kind: "taken"; seats: string[] }
  | { kind: "error"; error: unknown };

type Options = {
  performance: Performance;
  roomId: string | null | undefined;
  selection: ReturnType<typeof useSelection>;
  refresh: () => Promise<void>;
};

const holdKey = (performance: string) => `onsale.hold.${performance}`;

function storedHold(performance: string): Hold | undefined {
  const hold = storedJson<Hold>(session, holdKey(performance));
  return hold && Date.parse(hold.expires_at) > serverNow() ? hold : undefined;
}

// "seats[1]" names the second of the seats that were asked for; a bare id names itself.
export function seatsInTheWay(error: ApiError, asked: string[]): string[] {
  return error.errors.flatMap((each) => {
    const at = /^seats\[(\d+)\]$/.exec(each.field)?.[1];
    const id = at === undefined ? each.field : asked[Number(at)];
    return id !== undefined && asked.includes(id) ? [id] : [];
  });
}

// From chosen seats to a reservation: hold, then reserve, then the checkout page.
export function useBuying({ performance, roomId, selection, refresh }: Options) {
  const navigate = useNavigate();
  const me = useMe();
  const hold = useHold();
  const reserve = useReserve();
  const [trouble, setTrouble] = useState<Trouble>();
  const [held, setHeld] = useState<Hold | undefined>(() => storedHold(performance.id));
  const [releasing, setReleasing] = useState(false);
  const { pathname, search } = useLocation();
  const here = pathname + search;
  const { remove, clear } = selection;

  const keepHold = useCallback(
    (next: Hold | undefined) => {
      setHeld(next);
      if (next) session.setItem(holdKey(performance.id), JSON.stringify(next));
      else session.removeItem(holdKey(performance.id));
    },
    [performance.id],
  );

  const reserveHold = async (taken: Hold) => {
    setTrouble(undefined);
    try {
      const reservation = await reserve.mutateAsync(taken.id);
      keepHold(undefined);
      clear();
      void navigate(`/checkout/${reservation.id}`);
    } catch (error) {
      setTrouble({ kind: "error", error });
      if (error instanceof ApiError && !error.transient) {
        keepHold(undefined);
        void refresh();
      }
    }
  };

  const refused = (error: unknown, choice: SeatChoice) => {
    if (error instanceof ApiError) {
      if (error.status === 401) {
        void navigate(loginPath(here));
        return;
      }
      if (error.code === "pass_required" || error.code === "pass_invalid") {
        if (roomId) {
          forgetPlace(roomId);
          goToWait(roomId, performance.id);
        }
        return;
      }
      if (error.code === "seat_unavailable" && "seats" in choice) {
        const gone = seatsInTheWay(error, choice.seats);
        remove(gone);
        setTrouble({ kind: "taken", seats: gone });
        void refresh();
        return;
      }
    }
    setTrouble({ kind: "error", error });
    void refresh();
  };

  const start = async (choice: SeatChoice) => {
    if (!me.data) {
      void navigate(loginPath(here));
      return;
    }
    setTrouble(undefined);
    try {
      const pass = roomId ? readPlace(roomId)?.pass : undefined;
      const taken = await hold.mutateAsync({ performance: performance.id, choice, pass });
      keepHold(taken);
      await reserveHold(taken);
    } catch (error) {
      refused(error, choice);
    }
  };

  const release = async () => {
    if (!held) return;
    setReleasing(true);
    try {
      await releaseHold(held.id);
      keepHold(undefined);
      setTrouble(undefined);
    } catch (error) {
      setTrouble({ kind: "error", error });
    } finally {
      setReleasing(false);
      void refresh();
    }
  };

  const expireHold = useCallback(() => keepHold(undefined), [keepHold]);
  return {
    start: (choice: SeatChoice) => void start(choice),
    resume: () => held && void reserveHold(held),
    release: () => void release(),
    expireHold,
    tell: setTrouble,
    trouble,
    held,
    busy: hold.isPending || reserve.isPending || releasing,
  };
}
