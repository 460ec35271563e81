import { useTranslation } from "react-i18next";
import { Navigate, useLocation } from "react-router";
import type { ReactNode } from "react";
import { ButtonLink } from "../app/ui/Button";
import { Blank, Failure, Loading, Skeleton } from "../app/ui/states";
import { loginPath } from "../identity/next";
import { useMe } from "../identity/queries";

export function ConsoleSkeleton() {
  return (
    <Loading>
      <div className="container-page grid gap-5 py-10 lg:grid-cols-2">
        <Skeleton className="h-96 w-full rounded-2xl" />
        <Skeleton className="h-96 w-full rounded-2xl" />
      </div>
    </Loading>
  );
}

export function Forbidden() {
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

// Only operators see what is inside.
export function Operators({ children }: { children: ReactNode }) {
  const me = useMe();
  const { pathname, search } = useLocation();
  if (me.isPending) return <ConsoleSkeleton />;
  if (me.isError) {
    return (
      <div className="container-page">
        <Failure error={me.error} onRetry={() => void me.refetch()} busy={me.isFetching} />
      </div>
    );
  }
  if (!me.data) return <Navigate to={loginPath(pathname + search)} replace />;
  return me.data.role === "admin" ? children : <Forbidden />;
}
