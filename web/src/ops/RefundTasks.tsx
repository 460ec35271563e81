import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { RefundTask } from "../api/types";
import { announce } from "../app/announce";
import { useFormat } from "../app/format";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { Blank, Failure, Loading, Skeleton, useErrorText } from "../app/ui/states";
import { Entry } from "./AuditLog";
import { DecisionDialog } from "./DecisionDialog";
import { useRefundAct, useRefundTasks } from "./money";
import { useAudit } from "./queries";

function History({ refund }: { refund: string }) {
  const { t } = useTranslation();
  const audit = useAudit({ subject: refund });
  if (audit.isPending) return <Skeleton className="h-8 w-full" />;
  if (!audit.data) return <Failure error={audit.error} onRetry={() => void audit.refetch()} busy={audit.isFetching} />;
  const entries = audit.data.pages.flatMap(({ items }) => items);
  if (entries.length === 0) return <p className="text-sm text-ink-3">{t("money_page.history_none")}</p>;
  return (
    <ol>
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} only={["state", "reason"]} />
      ))}
    </ol>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="shrink-0 text-ink-3">{term}</dt>
      <dd className="min-w-0 text-right wrap-anywhere">{children}</dd>
    </div>
  );
}

function Task({ task }: { task: RefundTask }) {
  const { t } = useTranslation();
  const { money, exact, foreign } = useFormat();
  const text = useErrorText();
  const act = useRefundAct(task.refund.id);
  const [settling, setSettling] = useState(false);
  const [looking, setLooking] = useState(false);
  const { refund } = task;
  const amount = money(refund.amount, refund.currency);
  const id = useId();
  const reversed = refund.state === "reversed"; // the provider's doing: it is here or it is not
  const close = () => {
    setSettling(false);
    act.reset();
  };
  const done = (said: string) => () => {
    setSettling(false);
    announce(t(said, { amount }));
  };
  const retry = () =>
    act.mutate(undefined, {
      onSuccess: ({ state }) => announce(t(`money_page.asked_${state}`, { amount })),
    });
  return (
    <article aria-labelledby={id} className="card flex flex-col gap-4 p-4 sm:p-5">
      <h3 id={id} className="number text-xl font-bold">
        {amount}
        <span className="sr-only">{` · ${task.subject}`}</span>
      </h3>
      <dl className="number flex flex-col gap-1 text-sm">
        <Fact term={t("money_page.provider")}>{t(`provider.${task.provider}`, task.provider)}</Fact>
        <Fact term={t("money_page.since")}>
          <time dateTime={refund.created_at}>{exact(refund.created_at)}</time>
        </Fact>
        <Fact term={t("money_page.why")}>
          <span lang={foreign(refund.reason)}>{refund.reason}</span>
        </Fact>
        <Fact term={t("money_page.asked")}>{t("money_page.times", { n: refund.attempt + 1, count: refund.attempt + 1 })}</Fact>
        <Fact term={t("money_page.subject")}>{task.subject}</Fact>
        <Fact term={t("money_page.payment")}>{refund.payment_id}</Fact>
        <Fact term={t("money_page.account")}>{task.account_id}</Fact>
      </dl>
      {act.isError && !settling && <Alert tone="bad">{text(act.error)}</Alert>}
      {act.data?.state === "failed" && !act.data.settled_at && (
        <Alert tone="warn">{t("money_page.asked_failed", { amount })}</Alert>
      )}
      <div className="flex flex-wrap gap-2">
        {!reversed && (
          <Button busy={act.isPending && !settling} onClick={retry}>
            {t("money_page.retry")}
          </Button>
        )}
        <Button look={reversed ? "primary" : "secondary"} disabled={act.isPending} onClick={() => setSettling(true)}>
          {t(reversed ? "money_page.decide" : "money_page.settle")}
        </Button>
      </div>
      <details onToggle={(event) => setLooking(event.currentTarget.open)}>
        <summary className="min-h-9 w-fit rounded-lg text-sm font-semibold text-ink-2">{t("money_page.history")}</summary>
        {looking && <History refund={refund.id} />}
      </details>
      {settling &&
        (reversed ? (
          <DecisionDialog
            title={t("money_page.decide_title", { amount })}
            act={t("money_page.decide_do")}
            outcomes={["ends", "stands"]}
            busy={act.isPending}
            error={act.error}
            onAct={(purchase, why) => act.mutate({ purchase, reason: why }, { onSuccess: done("money_page.decided") })}
            onClose={close}
          />
        ) : (
          <DecisionDialog
            title={t("money_page.settle_title", { amount })}
            act={t("money_page.settle_do")}
            outcomes={["done", "failed"]}
            busy={act.isPending}
            error={act.error}
            onAct={(outcome, why) => act.mutate({ outcome, reason: why }, { onSuccess: done("money_page.settled") })}
            onClose={close}
          />
        ))}
    </article>
  );
}

// Money that is owed and does not move by itself: the provider said no.
export function RefundTasks() {
  const { t } = useTranslation();
  const tasks = useRefundTasks();
  if (tasks.isPending) {
    return (
      <Loading>
        <Skeleton className="h-48 w-full rounded-2xl" />
      </Loading>
    );
  }
  if (!tasks.data) {
    return <Failure error={tasks.error} onRetry={() => void tasks.refetch()} busy={tasks.isFetching} />;
  }
  const items = tasks.data.pages.flatMap((page) => page.items);
  return (
    <section aria-labelledby="refund-tasks" className="flex flex-col gap-4">
      <div>
        <h2 id="refund-tasks" className="text-lg font-bold">
          {t("money_page.tasks")}
        </h2>
        <p className="max-w-prose text-sm text-ink-2">{t("money_page.tasks_note")}</p>
      </div>
      {items.length === 0 ? (
        <Blank icon="check" title={t("money_page.tasks_none")} />
      ) : (
        <ul className="grid items-start gap-4 lg:grid-cols-2">
          {items.map((task) => (
            <li key={task.refund.id}>
              <Task task={task} />
            </li>
          ))}
        </ul>
      )}
      {tasks.hasNextPage && (
        <Button
          look="secondary"
          className="self-center"
          busy={tasks.isFetchingNextPage}
          onClick={() => void tasks.fetchNextPage()}
        >
          {t("common.more")}
        </Button>
      )}
    </section>
  );
}
