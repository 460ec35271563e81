import { Component, useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./ui/Button";
import { Blank } from "./ui/states";

function Broken({ onReload }: { onReload: () => void }) {
  const { t } = useTranslation();
  // Broken for want of a network: its return mends it.
  useEffect(() => {
    window.addEventListener("online", onReload);
    return () => window.removeEventListener("online", onReload);
  }, [onReload]);
  return (
    <div className="container-page">
      <Blank
        icon="alert"
        title={t("errors.broken_title")}
        actions={<Button onClick={onReload}>{t("errors.reload")}</Button>}
      >
        {t("errors.broken_text")}
      </Blank>
    </div>
  );
}

// Also catches a page chunk that no longer exists after a deployment: reloading brings the new one.
const reload = () => window.location.reload();

export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return <Broken onReload={reload} />;
  }
}
