import { useEffect, useState, type ReactNode } from "react";
import { ApiError } from "../api/client";
import { Failure } from "../app/ui/states";
import { goToWait } from "./address";
import { mergeView, readPlace, writePlace } from "./placeStore";
import { fetchPlace } from "./queries";

type Props = {
  room: string | null | undefined;
  performance: string;
  waiting: ReactNode; // shown while the server is asked
  children: ReactNode;
};

const knowsPass = (room: string) => {
  const place = readPlace(room);
  return place?.state === "admitted" && Boolean(place.pass);
};

// Looks once, on entering: a place that ends later is explained by a dialog, not by a jump. Who came
// in another tab, or through the wait page without scripts, is known to the server by the device.
// It checks the pass itself; this only saves the visitor a refusal.
export function Gate({ room, performance, waiting, children }: Props) {
  const [open, setOpen] = useState(() => !room || knowsPass(room));
  const [error, setError] = useState<unknown>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (open || !room) return undefined;
    const abort = new AbortController();
    const enter = async () => {
      try {
        const stored = readPlace(room);
        const view = await fetchPlace(room, stored?.place, abort.signal);
        if (view.state !== "admitted") {
          goToWait(room, performance);
          return;
        }
        writePlace({ ...mergeView(stored ?? { room, state: view.state }, view).stored, performance });
        setOpen(true);
      } catch (cause) {
        if (abort.signal.aborted) return;
        const stranger = cause instanceof ApiError && (cause.status === 401 || cause.status === 404);
        if (stranger) goToWait(room, performance);
        else setError(cause);
      }
    };
    void enter();
    return () => abort.abort();
  }, [open, room, performance, round]);
  if (open) return children;
  if (error === undefined) return waiting;
  const retry = () => {
    setError(undefined);
    setRound((now) => now + 1);
  };
  return (
    <div className="container-page">
      <Failure error={error} onRetry={retry} />
    </div>
  );
}
