import { useTranslation } from "react-i18next";
import { Navigate } from "react-router";
import { ApiError } from "../api/client";
import { useTitle } from "../app/hooks";
import { ButtonLink } from "../app/ui/Button";
import { Blank, Failure, Loading, Skeleton } from "../app/ui/states";
import { loginPath } from "../identity/next";
import { useMe } from "../identity/queries";
import { useAdminRooms } from "./queries";
import { RoomCard } from "./RoomCard";

function RoomsSkeleton() {
  return (
    <Loading>
      <div className="container-page grid gap-5 py-10 lg:grid-cols-2">
        <Skeleton className="h-96 w-full rounded-2xl" />
        <Skeleton className="h-96 w-full rounded-2xl" />
      </div>
    </Loading>
  );
}

function Forbidden() {
  const { t } = useTranslation();
  return (
    <div className="container-page">
      <Blank
        icon="user"
        title={t("forbidden.title")}
        actions={<ButtonLink to="/">{t("common.to_home")}</ButtonLink>}
      >
        {t("forbidden.text")}
      </Blank>
    </div>
  );
}

function Rooms() {
  const { t } = useTranslation();
  const rooms = useAdminRooms();
  if (rooms.isPending) return <RoomsSkeleton />;
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
  const me = useMe();
  useTitle(t("rooms.title"));
  if (me.isPending) return <RoomsSkeleton />;
  if (me.isError) {
    return (
      <div className="container-page">
        <Failure error={me.error} onRetry={() => void me.refetch()} busy={me.isFetching} />
      </div>
    );
  }
  if (!me.data) return <Navigate to={loginPath("/admin/rooms")} replace />;
  return me.data.role === "admin" ? <Rooms /> : <Forbidden />;
}
