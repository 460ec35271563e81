import { useTranslation } from "react-i18next";
import type { ProviderHealth } from "../api/types";
import { durationText, useFormat } from "../app/format";
import { Badge } from "../app/ui/states";
import { useProviderHealth } from "./money";

const tones = { closed: "accent", half_open: "warn", open: "danger" } as const;

function Provider({ health }: { health: ProviderHealth }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const facts: [string, string][] = [
    [t("money_page.under_way"), `${number(health.under_way)} / ${number(health.places)}`],
    [t("money_page.answered"), number(health.answered)],
    [t("money_page.unanswered"), number(health.unanswered)],
    [t("money_page.not_asked"), number(health.refused_open + health.refused_full)],
  ];
  return (
    <li className="card flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-base font-bold">{t(`provider.${health.provider}`, health.provider)}</h3>
        <Badge tone={tones[health.state]}>
          <span className="number">
            {t(`money_page.breaker_${health.state}`, { left: durationText(health.retry_in_ms) })}
          </span>
        </Badge>
      </div>
      <dl className="number grid grid-cols-2 gap-2 text-sm sm:grid-cols-4">
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt className="text-ink-3">{term}</dt>
            <dd className="font-semibold">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="number text-sm text-ink-3">
        {t("money_page.breaker_rule", {
          failures: number(health.breaker.failures_max),
          window: number(health.breaker.window),
          slow: number(health.breaker.slow_ms / 1000),
          run: number(health.breaker.slow_run_max),
          rest: number(health.breaker.rest_ms / 1000),
          rest_max: number(health.breaker.rest_max_ms / 1000),
        })}
      </p>
    </li>
  );
}

// Whether the providers answer, and who is left in peace because one does not.
export function ProvidersHealth() {
  const { t } = useTranslation();
  const { data } = useProviderHealth();
  if (!data || data.length === 0) return null;
  return (
    <section aria-labelledby="providers" className="flex flex-col gap-3">
      <h2 id="providers" className="text-lg font-bold">
        {t("money_page.providers")}
      </h2>
      <ul className="grid gap-4 lg:grid-cols-2">
        {data.map((health) => (
          <Provider key={health.provider} health={health} />
        ))}
      </ul>
    </section>
  );
}
