import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link, type LinkProps } from "react-router";

type Look = "primary" | "secondary" | "quiet" | "danger";

const base =
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-xl font-semibold text-center " +
  "transition-colors disabled:opacity-55 aria-disabled:opacity-55 select-none";
const sizes = {
  md: "min-h-11 px-4 py-2 text-base",
  lg: "min-h-13 px-6 py-3 text-base",
  sm: "min-h-9 px-3 py-1 text-sm rounded-lg",
};
const looks: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  secondary: "bg-surface text-ink border border-line-strong hover:bg-sunken",
  quiet: "text-ink hover:bg-sunken",
  danger: "bg-surface text-danger border border-danger hover:bg-danger-soft",
};

type Shape = { look?: Look; size?: keyof typeof sizes; className?: string };

export function buttonClass({ look = "primary", size = "md", className = "" }: Shape = {}) {
  return `${base} ${sizes[size]} ${looks[look]} ${className}`;
}

export function Spinner() {
  return (
    <svg viewBox="0 0 24 24" width="1.1em" height="1.1em" className="animate-spin" aria-hidden="true">
      <circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" strokeWidth="3" opacity="0.25" />
      <path d="M21 12a9 9 0 0 0-9-9" fill="none" stroke="currentColor" strokeWidth="3" />
    </svg>
  );
}

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> &
  Shape & { busy?: boolean; children: ReactNode };

export function Button({ look, size, className, busy, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={buttonClass({ look, size, className })}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

export function ButtonLink({ look, size, className, ...rest }: LinkProps & Shape) {
  return <Link {...rest} className={buttonClass({ look, size, className })} />;
}
