import { useId, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Lottery } from "../api/types";
import { serverNow } from "../api/clock";
import { durationText } from "../app/format";
import { useCountdown } from "../app/hooks";
import { Button } from "../app/ui/Button";
import { Field, inputClass } from "../app/ui/Field";
import { Segmented } from "../app/ui/Segmented";
import { digests, revealsOf, roundAt, roundOf } from "./lottery";
import { useLotteryAct } from "./queries";
import { useProblemText } from "./useSetting";

type AreaProps = { label: string; hint: string; value: string; wrong?: string; onChange: (text: string) => void };

function Area({ label, hint, value, wrong, onChange }: AreaProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <textarea
        id={id}
        rows={3}
        value={value}
        spellCheck={false}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange(event.target.value)}
        className={`${inputClass} break-all text-sm ${wrong ? "border-danger" : "border-line-strong"}`}
      />
      <p id={`${id}-note`} className={`text-sm ${wrong ? "text-danger" : "text-ink-3"}`}>
        {wrong ?? hint}
      </p>
    </div>
  );
}

function Wrong({ error }: { error: unknown }) {
  const problem = useProblemText();
  if (!error) return null;
  return (
    <p role="alert" className="text-sm text-danger">
      {problem(error)}
    </p>
  );
}

const KINDS = ["drand", "parties"] as const;
const SOONEST_S = 15; // the server asks for ten seconds

// Fixes who takes part and what will decide, which nobody can know yet.
export function FixForm({ room }: { room: string }) {
  const { t } = useTranslation();
  const act = useLotteryAct(room);
  const [kind, setKind] = useState<(typeof KINDS)[number]>("drand");
  const [seconds, setSeconds] = useState("60");
  const [needed, setNeeded] = useState("1");
  const [text, setText] = useState("");
  const commitments = digests(text);
  const k = Number(needed);
  const right =
    kind === "drand"
      ? /^\d+$/.test(seconds) && Number(seconds) >= SOONEST_S
      : commitments !== undefined && Number.isInteger(k) && k >= 1 && k <= commitments.length;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!right) return;
    const beacon =
      kind === "drand"
        ? { kind, round: roundAt(serverNow() / 1000 + Number(seconds)) }
        : { kind, k, commitments };
    act.mutate({ step: "/close", body: { beacon } });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Segmented
        label={t("console.beacon_kind")}
        value={kind}
        wrap
        options={KINDS.map((value) => ({ value, label: t(`console.beacon_${value}`) }))}
        onChange={setKind}
      />
      <p className="max-w-prose text-sm text-ink-2">{t(`console.beacon_${kind}_note`)}</p>
      {kind === "drand" ? (
        <Field
          className="max-w-xs"
          label={t("console.beacon_in")}
          inputMode="numeric"
          value={seconds}
          error={right ? undefined : t("console.number_from", { min: SOONEST_S })}
          onChange={(event) => setSeconds(event.target.value.trim())}
        />
      ) : (
        <>
          <Area
            label={t("console.beacon_commitments")}
            hint={t("console.beacon_commitments_hint")}
            value={text}
            wrong={text !== "" && !commitments ? t("console.hex_wrong") : undefined}
            onChange={setText}
          />
          <Field
            className="max-w-xs"
            label={t("console.beacon_k")}
            inputMode="numeric"
            value={needed}
            onChange={(event) => setNeeded(event.target.value.trim())}
          />
        </>
      )}
      <div>
        <Button type="submit" disabled={!right} busy={act.isPending}>
          {t("console.step_fix_do")}
        </Button>
      </div>
      <Wrong error={act.error} />
    </form>
  );
}

// Draws with what was announced: by itself from a relay, or with what is pasted here.
export function DrawForm({ room, lottery }: { room: string; lottery: Lottery }) {
  const { t } = useTranslation();
  const act = useLotteryAct(room);
  const [text, setText] = useState("");
  const drand = lottery.beacon?.kind === "drand";
  const left = useCountdown(drand ? lottery.beacon?.round_at : undefined) ?? 0;
  const evidence = drand ? roundOf(text) : revealsOf(text);
  const given = text.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (evidence) act.mutate({ step: "/draw", body: evidence });
    else if (drand && !given) act.mutate({ step: "/draw", body: {} });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      {left > 0 && (
        <p className="number text-sm font-semibold" role="timer">
          {t("console.draw_in", { left: durationText(left) })}
        </p>
      )}
      <Area
        label={t(drand ? "console.draw_round" : "console.draw_reveals")}
        hint={t(drand ? "console.draw_round_hint" : "console.draw_reveals_hint")}
        value={text}
        wrong={given && !evidence ? t(drand ? "console.draw_round_wrong" : "console.hex_wrong") : undefined}
        onChange={setText}
      />
      <div>
        <Button type="submit" disabled={left > 0 || (given || !drand ? !evidence : false)} busy={act.isPending}>
          {t(drand && !given ? "console.draw_fetch" : "console.step_draw_do")}
        </Button>
      </div>
      <Wrong error={act.error} />
    </form>
  );
}
