import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { ProviderName } from "../api/types";
import { durationText } from "../app/format";
import { useCountdown } from "../app/hooks";

type OptionProps = {
  provider: ProviderName;
  name: string;
  chosen: boolean;
  disabled: boolean;
  restsUntil: string | undefined; // it can't be reached before then
  onChoose: () => void;
};

function Option({ provider, name, chosen, disabled, restsUntil, onChoose }: OptionProps) {
  const { t } = useTranslation();
  const rest = useCountdown(restsUntil);
  const id = useId();
  return (
    <label
      className={`relative flex min-h-12 cursor-pointer items-center gap-3 rounded-xl border px-4 py-2 has-focus-visible:outline-3 has-focus-visible:outline-accent ${
        chosen ? "border-accent bg-accent-soft" : "border-line hover:bg-sunken"
      }`}
    >
      <input
        type="radio"
        name={name}
        value={provider}
        checked={chosen}
        disabled={disabled}
        aria-label={t(`provider.${provider}`)}
        aria-describedby={`${id}-note`}
        onChange={onChoose}
        className="size-4 shrink-0 accent-[var(--accent)]"
      />
      <span className="min-w-0">
        <span className="block font-semibold">{t(`provider.${provider}`)}</span>
        <span id={`${id}-note`} className="number block text-sm text-ink-2">
          {rest ? t("checkout.rests", { left: durationText(rest) }) : t(`checkout.with_${provider}`)}
        </span>
      </span>
    </label>
  );
}

type Props = {
  providers: ProviderName[];
  value: ProviderName | undefined;
  disabled: boolean;
  resting: Partial<Record<ProviderName, string>>;
  onChange: (provider: ProviderName) => void;
};

// Whom to pay with. Where there is no choice, it is said.
export function ProviderChoice({ providers, value, disabled, resting, onChange }: Props) {
  const { t } = useTranslation();
  const name = useId();
  const [only, ...others] = providers;
  if (only && others.length === 0) return <p className="text-sm text-ink-3">{t(`checkout.with_${only}`)}</p>;
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-2 text-sm font-semibold">{t("checkout.provider")}</legend>
      {providers.map((provider) => (
        <Option
          key={provider}
          provider={provider}
          name={name}
          chosen={provider === value}
          disabled={disabled}
          restsUntil={resting[provider]}
          onChoose={() => onChange(provider)}
        />
      ))}
    </fieldset>
  );
}
