import { useTranslation } from "react-i18next";
import { LIMITS } from "../api/limits";
import type { AdminRoom } from "../api/types";
import { NumberSetting, TimeSetting } from "./settings";
import { useSetting } from "./useSetting";

const TIMES = [
  "pass_seconds",
  "idle_seconds",
  "session_seconds",
  "grace_seconds",
  "no_show_seconds",
  "missed_seconds",
] as const;

type Props = { room: AdminRoom; explained?: boolean };

export function TimeSettings({ room, explained = false }: Props) {
  const { t } = useTranslation();
  const { apply, busy, error, question } = useSetting(room);
  const note = (key: string) => (explained ? t(`console.${key}_note`) : undefined);
  return (
    <div className="grid items-start gap-3 pt-3 sm:grid-cols-2">
      {TIMES.map((key) => (
        <NumberSetting
          key={key}
          label={t(`rooms.${key}`)}
          value={room[key]}
          {...LIMITS.RoomPatchBody[key]}
          busy={busy(key)}
          error={error(key)}
          note={note(key)}
          onApply={(seconds) => apply({ [key]: seconds })}
        />
      ))}
      <NumberSetting
        label={t("rooms.per_node_capacity")}
        value={room.per_node_capacity}
        {...LIMITS.RoomPatchBody.per_node_capacity}
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
      {question}
    </div>
  );
}
