import { useTranslation } from "react-i18next";
import type { AdminRoom } from "../api/types";
import { NumberSetting, TimeSetting } from "./settings";
import { useSetting } from "./useSetting";

// As the server allows them.
const SECONDS = [
  ["pass_seconds", 10, 3600],
  ["idle_seconds", 5, 3600],
  ["session_seconds", 10, 86_400],
  ["grace_seconds", 5, 86_400],
  ["no_show_seconds", 5, 3600],
  ["missed_seconds", 0, 3600],
] as const;

type Props = { room: AdminRoom; explained?: boolean };

export function TimeSettings({ room, explained = false }: Props) {
  const { t } = useTranslation();
  const { apply, busy, error } = useSetting(room);
  const note = (key: string) => (explained ? t(`console.${key}_note`) : undefined);
  return (
    <div className="grid items-start gap-3 pt-3 sm:grid-cols-2">
      {SECONDS.map(([key, min, max]) => (
        <NumberSetting
          key={key}
          label={t(`rooms.${key}`)}
          value={room[key]}
          min={min}
          max={max}
          busy={busy(key)}
          error={error(key)}
          note={note(key)}
          onApply={(seconds) => apply({ [key]: seconds })}
        />
      ))}
      <NumberSetting
        label={t("rooms.per_node_capacity")}
        value={room.per_node_capacity}
        busy={busy("per_node_capacity")}
        error={error("per_node_capacity")}
        note={note("per_node_capacity")}
        onApply={(capacity) => apply({ per_node_capacity: capacity })}
      />
      <TimeSetting
        label={t("rooms.opens_at")}
        value={room.opens_at}
        busy={busy("opens_at")}
        error={error("opens_at")}
        note={note("opens_at")}
        onApply={(opensAt) => apply({ opens_at: opensAt })}
      />
    </div>
  );
}
