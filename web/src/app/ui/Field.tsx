import { useId, type InputHTMLAttributes } from "react";

type Props = InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  error?: string;
  hint?: string;
};

export const inputClass =
  "w-full min-h-12 rounded-xl border bg-surface px-4 py-2 text-base text-ink " +
  "placeholder:text-ink-3 disabled:bg-sunken";

export function Field({ label, error, hint, className = "", ...input }: Props) {
  const id = useId();
  return (
    <div className={`flex flex-col gap-1.5 ${className}`}>
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <input
        {...input}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-note` : undefined}
        className={`${inputClass} ${error ? "border-danger" : "border-line-strong"}`}
      />
      {(error || hint) && (
        <p id={`${id}-note`} className={`text-sm ${error ? "text-danger" : "text-ink-3"}`}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}
