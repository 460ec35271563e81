import { lazy, type ComponentType } from "react";

const TRY_AGAIN_MS = 1500;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const backOnline = () =>
  new Promise((resolve) => window.addEventListener("online", resolve, { once: true }));

// A part of the app that is still to be fetched. Without a network it waits for one; what fails with
// one, twice, is no longer there.
export async function fetchPart<T>(load: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; ) {
    try {
      return await load();
    } catch (error) {
      if (!navigator.onLine) await backOnline();
      else if (++tries > 1) throw error;
      else await sleep(TRY_AGAIN_MS);
    }
  }
}

export const page = <P extends object>(load: () => Promise<{ default: ComponentType<P> }>) =>
  lazy(() => fetchPart(load));
