import { useTranslation } from "react-i18next";
import type { AuditChange } from "./audit";

// Fields of the server in the words of the screen; what has none keeps its own.
export function useFieldName() {
  const { t, i18n } = useTranslation();
  return (field: string) => {
    const own = [`console.field_${field}`, `rooms.${field}`].find((key) => i18n.exists(key));
    return own ? t(own) : field;
  };
}

function useValue() {
  const { t, i18n } = useTranslation();
  return (field: string, value: string) => {
    if (value === "") return t("console.nothing");
    const own = [`room.${field}_${value}`, `console.${field}_${value}`].find((key) => i18n.exists(key));
    if (own) return t(own);
    return value === "yes" || value === "no" ? t(`console.${value}`) : value;
  };
}

export function ChangeList({ changes }: { changes: AuditChange[] }) {
  const { t } = useTranslation();
  const name = useFieldName();
  const value = useValue();
  return (
    <ul className="flex flex-col gap-1">
      {changes.map(({ field, before, after }) => (
        <li key={field}>
          <span className="font-semibold">{name(field)}</span>
          {": "}
          <span className="text-ink-2">{value(field, before)}</span>
          <span aria-hidden="true">{" → "}</span>
          <span className="sr-only">{` ${t("console.becomes")} `}</span>
          <span className="font-semibold">{value(field, after)}</span>
        </li>
      ))}
    </ul>
  );
}
