import { useTranslation } from "react-i18next";
import type { AdminRoom, RoomChange } from "../api/types";
import { Button } from "../app/ui/Button";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import { Dialog } from "../app/ui/Dialog";
import { ChangeList } from "./ChangeList";
import { settingsChanged } from "./changes";

type Props = {
  seen: AdminRoom; // what the operator looked at
  room: AdminRoom; // as it is now
  change: RoomChange; // what was wanted, and not done
  onAct: () => void;
  onClose: () => void;
};

// Another operator was faster: what they changed, and whether this one's change is to be made over it.
export function OvertakenDialog({ seen, room, change, onAct, onClose }: Props) {
  const { t } = useTranslation();
  const title = t("console.overtaken_title", { room: room.name });
  const theirs = settingsChanged(seen, room);
  const own = settingsChanged(room, change as Partial<AdminRoom>);
  const told = (
    <>
      <p>{t("console.overtaken_text")}</p>
      <ChangeList changes={theirs} />
    </>
  );
  if (own.length === 0) {
    return (
      <Dialog title={title} onClose={onClose} actions={<Button onClick={onClose}>{t("common.close")}</Button>}>
        <div className="flex flex-col gap-3">
          {told}
          <p className="font-semibold text-ink">{t("console.overtaken_same")}</p>
        </div>
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      title={title}
      keep={t("console.keep")}
      act={t("console.overtaken_do")}
      busy={false}
      error={undefined}
      onAct={onAct}
      onClose={onClose}
    >
      {told}
      <p>{t("console.overtaken_yours")}</p>
      <ChangeList changes={own} />
    </ConfirmDialog>
  );
}
