import { useId } from "react";

type Props<T extends string> = {
  label: string;
  value: T;
  options: { value: T; label: string }[];
  onChange: (value: T) => void;
  disabled?: boolean;
  wrap?: boolean; // into lines on a phone, where all options have to be in sight
};

// Radio buttons that look like one control; the browser brings the keyboard.
export function Segmented<T extends string>({ label, value, options, onChange, disabled, wrap }: Props<T>) {
  const name = useId();
  return (
    <fieldset className="min-w-0" disabled={disabled}>
      <legend className="sr-only">{label}</legend>
      <div
        className={`no-scrollbar flex w-fit max-w-full gap-1 overflow-x-auto rounded-xl bg-sunken p-1 ${wrap ? "max-sm:flex-wrap" : ""}`}
      >
        {options.map((option) => (
          <label
            key={option.value}
            className={
              "relative flex min-h-9 items-center whitespace-nowrap rounded-lg px-3 text-sm font-semibold " +
              "transition-colors has-focus-visible:outline-3 has-focus-visible:outline-accent " +
              (option.value === value ? "bg-raised text-ink shadow-sm" : "text-ink-2 hover:text-ink")
            }
          >
            <input
              type="radio"
              className="absolute inset-0 cursor-pointer opacity-0"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
