import { useCallback, useState } from "react";
import { session, storedJson } from "../app/storage";

const key = (performance: string) => `onsale.selection.${performance}`;

// The seats a visitor means to take; survives signing in on the way and a reload.
export function useSelection(performance: string) {
  const [ids, setIds] = useState<string[]>(
    () => storedJson<string[]>(session, key(performance)) ?? [],
  );
  const change = useCallback(
    (next: (now: string[]) => string[]) =>
      setIds((now) => {
        const changed = next(now);
        session.setItem(key(performance), JSON.stringify(changed));
        return changed;
      }),
    [performance],
  );
  const remove = useCallback(
    (gone: string[]) => change((now) => now.filter((id) => !gone.includes(id))),
    [change],
  );
  const clear = useCallback(() => change(() => []), [change]);
  return { ids, change, remove, clear };
}
