import { useTranslation } from "react-i18next";
import { useTitle } from "./hooks";
import { ButtonLink } from "./ui/Button";
import { Blank } from "./ui/states";

export function NotFoundPage() {
  const { t } = useTranslation();
  useTitle(t("not_found.title"));
  return (
    <div className="container-page">
      <Blank
        icon="pin"
        title={t("not_found.title")}
        actions={<ButtonLink to="/">{t("common.to_home")}</ButtonLink>}
      >
        {t("not_found.text")}
      </Blank>
    </div>
  );
}
