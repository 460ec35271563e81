import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import { signedInHint } from "../api/client";
import { Icon } from "../app/ui/icons";
import { loginPath } from "./next";
import { useLogout, useMe } from "./queries";

const item = "flex min-h-11 w-full items-center rounded-lg px-3 text-left text-sm hover:bg-sunken";

export function AccountMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const logout = useLogout();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);

  useEffect(() => setOpen(false), [pathname]);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      trigger.current?.focus();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
      document.removeEventListener("keydown", escape);
    };
  }, [open]);

  // Somebody is signed in here, and who is not known yet.
  if (me.data === undefined && signedInHint.get()) {
    return (
      <button
        type="button"
        aria-label={t("nav.account_again")}
        aria-busy={me.isFetching}
        disabled={me.isFetching}
        onClick={() => void me.refetch()}
        className="flex min-h-11 items-center rounded-lg px-2.5 text-ink-3 hover:bg-sunken"
      >
        <Icon name="user" />
      </button>
    );
  }
  if (!me.data) {
    const onAuthPage = /^\/(login|signup)$/.test(pathname);
    return (
      <Link
        to={onAuthPage ? `/login${search}` : loginPath(pathname + search)}
        className="flex min-h-11 items-center whitespace-nowrap rounded-lg px-2.5 text-sm font-semibold hover:bg-sunken"
      >
        {t("nav.login")}
      </Link>
    );
  }
  return (
    <div ref={box} className="relative">
      <button
        ref={trigger}
        type="button"
        aria-expanded={open}
        aria-controls="account-menu"
        aria-label={t("nav.account", { name: me.data.name })}
        onClick={() => setOpen(!open)}
        className="flex min-h-11 items-center gap-1 rounded-lg px-2.5 text-sm font-semibold hover:bg-sunken"
      >
        <Icon name="user" />
        <span className="max-w-24 truncate max-sm:hidden">{me.data.name}</span>
      </button>
      {open && (
        <div
          id="account-menu"
          className="card absolute right-0 top-full z-30 mt-1 w-60 p-2 shadow-card"
        >
          <p className="truncate px-3 py-2 text-sm text-ink-3">{me.data.email}</p>
          <Link to="/my/reservations" className={item}>
            {t("nav.my_reservations")}
          </Link>
          {me.data.role === "admin" && (
            <>
              <Link to="/admin/rooms" className={item}>
                {t("nav.rooms")}
              </Link>
              <Link to="/admin/shows" className={item}>
                {t("nav.shows")}
              </Link>
              <Link to="/admin/money" className={item}>
                {t("nav.money")}
              </Link>
            </>
          )}
          <button
            type="button"
            className={item}
            disabled={logout.isPending}
            onClick={() =>
              logout.mutate(undefined, {
                onSuccess: () => {
                  setOpen(false);
                  void navigate("/");
                },
              })
            }
          >
            {t("nav.logout")}
          </button>
          {logout.isError && (
            <p role="alert" className="px-3 py-2 text-sm text-danger">
              {t("errors.logout")}
            </p>
          )}
        </div>
      )}
    </div>
  );
}
