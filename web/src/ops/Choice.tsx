import { useState } from "react";
import { Segmented } from "../app/ui/Segmented";

type Props<T extends string> = {
  label: string;
  value: T;
  options: { value: T; label: string }[];
  note: string; // what the present choice does
  busy: boolean;
  error: string | undefined;
  onChange: (value: T) => void;
};

// One of a few, applied at once.
export function Choice<T extends string>({ label, value, options, note, busy, error, onChange }: Props<T>) {
  const [wanted, setWanted] = useState(value); // shown at once, while the server is asked
  const choose = (next: T) => {
    setWanted(next);
    onChange(next);
  };
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-sm font-semibold" aria-hidden="true">
        {label}
      </p>
      <Segmented
        label={label}
        value={busy ? wanted : value}
        options={options}
        disabled={busy}
        onChange={choose}
        wrap
      />
      {error && (
        <p role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
      <p className="text-sm text-ink-3" aria-live="polite">
        {note}
      </p>
    </div>
  );
}
