import { useId } from "react";
import { inputClass } from "./Field";

type Props = { label: string; value: string; options: [value: string, label: string][]; onChange: (value: string) => void };

export function Select({ label, value, options, onChange }: Props) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={`${inputClass} border-line-strong`}
      >
        {options.map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
