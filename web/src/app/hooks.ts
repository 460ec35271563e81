import { useEffect, useState } from "react";
import { serverNow } from "../api/clock";

// Milliseconds until `iso` by the server's clock; undefined without a time. Never negative.
export function useCountdown(iso: string | null | undefined): number | undefined {
  const [, tick] = useState(0);
  const end = iso ? Date.parse(iso) : Number.NaN;
  useEffect(() => {
    if (Number.isNaN(end)) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    const next = () => {
      const left = end - serverNow();
      tick((count) => count + 1);
      if (left > 0) timer = setTimeout(next, (left % 1000) + 20);
    };
    timer = setTimeout(next, 0);
    return () => clearTimeout(timer);
  }, [end]);
  return Number.isNaN(end) ? undefined : Math.max(0, end - serverNow());
}

export function useTitle(title: string | undefined) {
  useEffect(() => {
    if (title) document.title = `${title} · onsale`;
  }, [title]);
}

export function useOnline() {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = () => setOnline(navigator.onLine);
    window.addEventListener("online", update);
    window.addEventListener("offline", update);
    return () => {
      window.removeEventListener("online", update);
      window.removeEventListener("offline", update);
    };
  }, []);
  return online;
}
