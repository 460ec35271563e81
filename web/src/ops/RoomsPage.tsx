import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { useTitle } from "../app/hooks";
import { Blank, Failure } from "../app/ui/states";
import { ConsoleSkeleton, Forbidden, Operators } from "./Operators";
import { useAdminRooms } from "./queries";
import { RoomCard } from "./RoomCard";

function Rooms() {
  const { t } = useTranslation();
  const rooms = useAdminRooms();
  if (rooms.isPending) return <ConsoleSkeleton />;
  if (!rooms.data) {
    if (rooms.error instanceof ApiError && rooms.error.status === 403) return <Forbidden />;
    return (
      <div className="container-page">
        <Failure error={rooms.error} onRetry={() => void rooms.refetch()} busy={rooms.isFetching} />
      </div>
    );
  }
  return (
    <div className="container-page flex flex-col gap-6 py-6 md:py-10">
      <div className="flex flex-col gap-1">
        <h1 className="text-2xl font-bold">{t("rooms.title")}</h1>
        <p className="text-ink-2">{t("rooms.lead")}</p>
      </div>
      {rooms.data.items.length === 0 && <Blank icon="people" title={t("rooms.empty")} />}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        {rooms.data.items.map((room) => (
          <RoomCard key={room.id} room={room} />
        ))}
      </div>
    </div>
  );
}

export default function RoomsPage() {
  const { t } = useTranslation();
  useTitle(t("rooms.title"));
  return (
    <Operators>
      <Rooms />
    </Operators>
  );
}
