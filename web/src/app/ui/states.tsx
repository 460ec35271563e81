import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { Button } from "./Button";
import { Icon, type IconName } from "./icons";

export function Skeleton({ className = "" }: { className?: string }) {
  return <div className={`skeleton ${className}`} aria-hidden="true" />;
}

// Skeletons with words for those who cannot see them.
export function Loading({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div aria-busy="true">
      <p role="status" className="sr-only">
        {t("common.loading")}
      </p>
      {children}
    </div>
  );
}

type BlankProps = { icon: IconName; title: string; children?: ReactNode; actions?: ReactNode };

// A page or list that has nothing to show, and what to do instead.
export function Blank({ icon, title, children, actions }: BlankProps) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-3 py-16 text-center">
      <span className="grid size-14 place-items-center rounded-full bg-sunken text-xl text-ink-2">
        <Icon name={icon} />
      </span>
      <h1 className="text-xl font-bold">{title}</h1>
      {children && <div className="text-ink-2">{children}</div>}
      {actions && <div className="mt-3 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

// The server's stable code in the reader's language.
export function useErrorText() {
  const { t, i18n } = useTranslation();
  return (error: unknown): string => {
    if (!(error instanceof ApiError)) return t("errors.unknown");
    const named = `errors.${error.code}`;
    if (i18n.exists(named)) return t(named);
    if (error.status === 429) return t("errors.too_many_requests");
    if (error.status >= 500) return t("errors.server");
    return t("errors.unknown");
  };
}

type FailureProps = { error: unknown; onRetry?: () => void; busy?: boolean; actions?: ReactNode };

export function Failure({ error, onRetry, busy, actions }: FailureProps) {
  const { t } = useTranslation();
  const text = useErrorText();
  const trace = error instanceof ApiError ? error.traceId : undefined;
  const offline = error instanceof ApiError && error.code === "network";
  return (
    <Blank
      icon={offline ? "wifiOff" : "alert"}
      title={t("errors.title")}
      actions={
        <>
          {onRetry && (
            <Button onClick={onRetry} busy={busy}>
              {t("common.retry")}
            </Button>
          )}
          {actions}
        </>
      }
    >
      <p role="alert">{text(error)}</p>
      {trace && <p className="mt-2 text-xs text-ink-3">{t("errors.trace", { id: trace })}</p>}
    </Blank>
  );
}

type Tone = "accent" | "warn" | "danger" | "plain";
const badgeTones: Record<Tone, string> = {
  accent: "bg-accent-soft text-accent",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
  plain: "bg-sunken text-ink-2",
};

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center rounded-md px-2 py-0.5 text-xs font-semibold ${badgeTones[tone]}`}
    >
      {children}
    </span>
  );
}
