import { useTranslation } from "react-i18next";
import { useState, type ReactNode } from "react";
import type { AdminRoom, Lottery, RoomChange } from "../api/types";
import { useFormat } from "../app/format";
import { Button } from "../app/ui/Button";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import { Icon } from "../app/ui/icons";
import { Badge, Failure, Loading, Skeleton } from "../app/ui/states";
import { STEPS, stepStates, type Step, type StepState } from "./lottery";
import { DrawForm, FixForm } from "./LotteryForms";
import { LotteryProof } from "./LotteryProof";
import { useLottery, useLotteryAct } from "./queries";
import { useProblemText, useSetting } from "./useSetting";

type StepProps = { step: Step; number: number; state: StepState; children?: ReactNode };

function StepItem({ step, number, state, children }: StepProps) {
  const { t } = useTranslation();
  return (
    <li
      aria-current={state === "now" ? "step" : undefined}
      data-step={step}
      data-state={state}
      className={`flex gap-3 border-t border-line py-4 ${state === "later" ? "text-ink-3" : ""}`}
    >
      <span
        aria-hidden="true"
        className={`number grid size-8 shrink-0 place-items-center rounded-full text-sm font-bold ${
          state === "done" ? "bg-accent-soft text-accent" : state === "now" ? "bg-accent text-on-accent" : "bg-sunken"
        }`}
      >
        {state === "done" ? <Icon name="check" /> : number}
      </span>
      <div className="flex min-w-0 grow flex-col gap-2">
        <h3 className="flex flex-wrap items-center gap-2 text-base font-bold">
          {t(`console.step_${step}`)}
          <Badge tone={state === "later" ? "plain" : "accent"}>{t(`console.step_is_${state}`)}</Badge>
        </h3>
        {state !== "done" && <p className="max-w-prose text-sm">{t(`console.step_${step}_text`)}</p>}
        {children}
      </div>
    </li>
  );
}

// A step that is a change of the room's settings.
function ChangeStep({ room, step, change }: { room: AdminRoom; step: Step; change: RoomChange }) {
  const { t } = useTranslation();
  const { apply, busy, error, question } = useSetting(room);
  const member = Object.keys(change)[0] as keyof RoomChange;
  return (
    <>
      <div>
        <Button busy={busy(member)} onClick={() => apply(change)}>
          {t(`console.step_${step}_do`)}
        </Button>
      </div>
      {question}
      {error(member) && (
        <p role="alert" className="text-sm text-danger">
          {error(member)}
        </p>
      )}
    </>
  );
}

function CommitStep({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const problem = useProblemText();
  const act = useLotteryAct(room.id);
  return (
    <>
      <div>
        <Button busy={act.isPending} onClick={() => act.mutate({ step: "" })}>
          {t("console.step_commit_do")}
        </Button>
      </div>
      {act.isError && (
        <p role="alert" className="text-sm text-danger">
          {problem(act.error)}
        </p>
      )}
    </>
  );
}

function Action({ room, lottery, step }: { room: AdminRoom; lottery: Lottery; step: Step }) {
  switch (step) {
    case "close":
      return <ChangeStep room={room} step={step} change={{ mode: "closed" }} />;
    case "enable":
      return <ChangeStep room={room} step={step} change={{ lottery: true }} />;
    case "commit":
      return <CommitStep room={room} />;
    case "gather":
      return <ChangeStep room={room} step={step} change={{ mode: "prequeue" }} />;
    case "fix":
      return <FixForm room={room.id} />;
    case "draw":
      return <DrawForm room={room.id} lottery={lottery} />;
    case "serve":
      return <ChangeStep room={room} step={step} change={{ mode: "queue" }} />;
  }
}

function Stop({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const { apply, busy, error, question } = useSetting(room);
  const [asking, setAsking] = useState(false);
  return (
    <div className="flex flex-col items-start gap-1.5">
      <Button look="danger" busy={busy("lottery")} onClick={() => setAsking(true)}>
        {t("console.lottery_stop")}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t("console.lottery_stop_ask")}
          keep={t("console.keep")}
          act={t("console.lottery_stop")}
          busy={busy("lottery")}
          error={undefined}
          onAct={() => apply({ lottery: false }, () => setAsking(false))}
          onClose={() => setAsking(false)}
        >
          <p>{t("console.lottery_stop_text", { n: number(room.waiting) })}</p>
        </ConfirmDialog>
      )}
      {question}
      <p className="text-sm text-ink-3">{t("console.lottery_stop_note")}</p>
      {error("lottery") && (
        <p role="alert" className="text-sm text-danger">
          {error("lottery")}
        </p>
      )}
    </div>
  );
}

// A draw that can't come any more, because nobody can show what was announced.
function Abandon({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const problem = useProblemText();
  const act = useLotteryAct(room.id);
  const [asking, setAsking] = useState(false);
  return (
    <div className="flex flex-col items-start gap-1.5">
      <Button look="danger" onClick={() => setAsking(true)}>
        {t("console.lottery_abandon")}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t("console.lottery_abandon_ask")}
          keep={t("console.keep")}
          act={t("console.lottery_abandon")}
          busy={act.isPending}
          error={act.isError ? problem(act.error) : undefined}
          onAct={() => act.mutate({ step: "/abandon" }, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        >
          <p>{t("console.lottery_abandon_text")}</p>
        </ConfirmDialog>
      )}
      <p className="text-sm text-ink-3">{t("console.lottery_abandon_note")}</p>
    </div>
  );
}

export function LotteryGuide({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const lottery = useLottery(room.id);
  if (lottery.isPending) {
    return (
      <Loading>
        <Skeleton className="h-96 w-full rounded-2xl" />
      </Loading>
    );
  }
  if (!lottery.data) {
    return <Failure error={lottery.error} onRetry={() => void lottery.refetch()} busy={lottery.isFetching} />;
  }
  const states = stepStates(room, lottery.data.state);
  const gathering = states.gather === "done" && states.fix === "now";
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <section aria-labelledby="lottery" className="flex min-w-0 flex-col gap-2">
        <h2 id="lottery" className="text-lg font-bold">
          {t("console.lottery_title")}
        </h2>
        <p className="max-w-prose text-sm text-ink-2">{t("console.lottery_note")}</p>
        <ol className="mt-2">
          {STEPS.map((step, i) => (
            <StepItem key={step} step={step} number={i + 1} state={states[step]}>
              {step === "fix" && gathering && (
                <p className="text-sm font-semibold">{t("console.lottery_joined", { n: number(room.waiting) })}</p>
              )}
              {states[step] === "now" && <Action room={room} lottery={lottery.data} step={step} />}
            </StepItem>
          ))}
        </ol>
        {(lottery.data.state === "committed" || lottery.data.state === "closed") && <Abandon room={room} />}
        {room.lottery && (room.mode === "closed" || room.mode === "prequeue") && <Stop room={room} />}
      </section>
      <LotteryProof room={room.id} lottery={lottery.data} />
    </div>
  );
}
