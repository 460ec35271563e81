import { useTranslation } from "react-i18next";
import type { AdminRoom, RoomMode } from "../api/types";
import { useFormat } from "../app/format";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";

type Props = {
  room: Pick<AdminRoom, "name" | "two_person">;
  now: { waiting: number; active: number };
  mode: RoomMode;
  onAct: () => void;
  onClose: () => void;
};

// Asks before people notice, and says how many they are.
export function ModeDialog({ room, now, mode, onAct, onClose }: Props) {
  const { t } = useTranslation();
  const { number } = useFormat();
  return (
    <ConfirmDialog
      title={t("console.mode_ask", { room: room.name, mode: t(`room.mode_${mode}`) })}
      keep={t("console.keep")}
      act={t(room.two_person && mode === "open" ? "console.propose" : "console.mode_do", { mode: t(`room.mode_${mode}`) })}
      busy={false}
      error={undefined}
      onAct={onAct}
      onClose={onClose}
    >
      <p>{t(`console.mode_${mode}_text`)}</p>
      <p className="font-semibold text-ink">
        {t("console.mode_people", { waiting: number(now.waiting), active: number(now.active) })}
      </p>
    </ConfirmDialog>
  );
}
