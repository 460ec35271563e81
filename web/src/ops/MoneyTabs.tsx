import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

const PAGES = ["money", "settlement", "ledger"] as const;

// The pages about money, beside each other.
export function MoneyTabs() {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("money_page.tabs")} className="no-scrollbar flex gap-1 overflow-x-auto border-b border-line">
      {PAGES.map((each) => (
        <NavLink
          key={each}
          to={`/admin/${each}`}
          className={({ isActive }) =>
            "min-h-11 shrink-0 content-center border-b-2 px-3 text-sm font-semibold " +
            (isActive ? "border-accent text-ink" : "border-transparent text-ink-2 hover:text-ink")
          }
        >
          {t(`money_page.tab_${each}`)}
        </NavLink>
      ))}
    </nav>
  );
}
