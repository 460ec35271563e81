import { useTranslation } from "react-i18next";
import type { AuditEntry } from "../api/types";
import { useMe } from "../identity/queries";

const BY_THE_PLAN = "plan"; // as the server calls itself when a planned change is due

// Who did it, in words: an account that is gone has nothing but its id.
export function useNameOf() {
  const { t } = useTranslation();
  const me = useMe();
  return ({ who, name, email }: Pick<AuditEntry, "who" | "name" | "email">): string => {
    if (who === me.data?.id) return t("console.you");
    return who === BY_THE_PLAN ? t("console.by_plan") : (name ?? email ?? who);
  };
}
