import { useSyncExternalStore } from "react";

// Says something to screen readers without moving anything on the screen.
let current = "";
const listeners = new Set<() => void>();

export function announce(text: string) {
  current = text === current ? `${text}\u00a0` : text;
  for (const listener of listeners) listener();
}

export function Announcer() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {text}
    </p>
  );
}
