import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons";

type Tone = "info" | "good" | "warn" | "bad";
const tones: Record<Tone, { box: string; icon: IconName }> = {
  info: { box: "bg-sunken text-ink", icon: "info" },
  good: { box: "bg-accent-soft text-ink", icon: "check" },
  warn: { box: "bg-warn-soft text-ink", icon: "alert" },
  bad: { box: "bg-danger-soft text-ink", icon: "alert" },
};
const marks: Record<Tone, string> = {
  info: "text-ink-2",
  good: "text-accent",
  warn: "text-warn",
  bad: "text-danger",
};

type Props = { tone?: Tone; title?: ReactNode; children?: ReactNode; actions?: ReactNode };

export function Alert({ tone = "info", title, children, actions }: Props) {
  return (
    <div
      role={tone === "bad" || tone === "warn" ? "alert" : "status"}
      className={`flex gap-3 rounded-xl p-4 text-sm ${tones[tone].box}`}
    >
      <span className={`text-base ${marks[tone]}`}>
        <Icon name={tones[tone].icon} />
      </span>
      <div className="flex min-w-0 grow flex-col gap-1">
        {title && <p className="font-semibold">{title}</p>}
        {children && <div className="text-ink-2">{children}</div>}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}
