import { useTranslation } from "react-i18next";
import type { AdminRoom, RoomChange } from "../api/types";
import { useFormat } from "../app/format";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import type { Danger } from "./changes";

type Props = {
  room: Pick<AdminRoom, "name" | "two_person">;
  now: { waiting: number; active: number };
  change: RoomChange;
  at?: string | undefined; // of a plan: when
  danger: Danger;
  onAct: () => void;
  onClose: () => void;
};

// Asks before people notice, and says how many they are.
export function DangerDialog({ room, now, change, at, danger, onAct, onClose }: Props) {
  const { t } = useTranslation();
  const { number, dateTime } = useFormat();
  const mode = danger === "mode" ? change.mode : undefined;
  const names = { room: room.name, mode: mode && t(`room.mode_${mode}`) };
  return (
    <ConfirmDialog
      title={t(mode ? "console.mode_ask" : "console.zero_ask", names)}
      keep={t("console.keep")}
      act={mode === "open" && room.two_person ? t("console.propose") : at ? t("console.plan_save") : t(mode ? "console.mode_do" : "console.zero_do", names)}
      busy={false}
      error={undefined}
      onAct={onAct}
      onClose={onClose}
    >
      <p>{mode ? t(`console.mode_${mode}_text`) : t(`console.zero_${danger}_text`)}</p>
      {at && <p>{t("console.plan_then", { at: dateTime(at) })}</p>}
      <p className="font-semibold text-ink">
        {t("console.mode_people", { waiting: number(now.waiting), active: number(now.active) })}
      </p>
    </ConfirmDialog>
  );
}
