import { useEffect } from "react";
import { Loading, Skeleton } from "../app/ui/states";

// An address of the wait page that the router came to (after logging in, say) is asked of the server.
export default function ToWaitPage() {
  useEffect(() => window.location.reload(), []);
  return (
    <Loading>
      <div className="container-page py-10">
        <Skeleton className="h-72 w-full rounded-2xl" />
      </div>
    </Loading>
  );
}
