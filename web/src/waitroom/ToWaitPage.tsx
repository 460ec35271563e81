import { useEffect } from "react";
import { NotFoundPage } from "../app/NotFoundPage";
import { openedAt } from "../app/opened";
import { Loading, Skeleton } from "../app/ui/states";

// An address of the wait page that the router came to (after logging in, say) is asked of the server,
// once: where the server had nothing but the app, there is nothing.
export default function ToWaitPage() {
  const nothing = window.location.pathname === openedAt;
  useEffect(() => {
    if (!nothing) window.location.reload();
  }, [nothing]);
  if (nothing) return <NotFoundPage />;
  return (
    <Loading>
      <div className="container-page py-10">
        <Skeleton className="h-72 w-full rounded-2xl" />
      </div>
    </Loading>
  );
}
