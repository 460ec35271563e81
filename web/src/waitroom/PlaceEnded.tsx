import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Button } from "../app/ui/Button";
import { Dialog } from "../app/ui/Dialog";
import { goToWait } from "./address";
import { tellPlaceEnd, type PlaceEnd } from "./placeStore";

export default function PlaceEnded({ room, performance }: PlaceEnd) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const home = () => {
    tellPlaceEnd(undefined);
    void navigate("/", { replace: true });
  };
  return (
    <Dialog
      title={t("wait.expired_title")}
      onClose={home}
      actions={
        <>
          <Button look="secondary" onClick={home}>
            {t("common.to_home")}
          </Button>
          <Button onClick={() => goToWait(room, performance)}>{t("wait.rejoin")}</Button>
        </>
      }
    >
      {t("wait.ended_while_choosing")}
    </Dialog>
  );
}
