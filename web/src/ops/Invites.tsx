import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { AdminRoom, Invite, InviteBatch } from "../api/types";
import { announce } from "../app/announce";
import { useFormat } from "../app/format";
import { Button } from "../app/ui/Button";
import { Field, inputClass } from "../app/ui/Field";
import { Failure, Loading, Skeleton } from "../app/ui/states";
import { csvName, csvOf } from "./csv";
import { Download } from "./Download";
import { allInvites, useInviteBatches, useMakeInvites } from "./queries";
import { instant } from "./settings";
import { useProblemText } from "./useSetting";

const MOST = 1_000_000;

function MakeForm({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const problem = useProblemText();
  const make = useMakeInvites(room.id);
  const [lane, setLane] = useState(room.lanes[0]?.name ?? "");
  const [count, setCount] = useState("");
  const [until, setUntil] = useState("");
  const right = /^\d+$/.test(count) && Number(count) >= 1 && Number(count) <= MOST;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!right) return;
    make.mutate(
      { count: Number(count), lane, expires_at: until ? instant(until) : undefined },
      {
        onSuccess: () => {
          setCount("");
          announce(t("console.invites_made", { n: number(Number(count)) }));
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate className="card grid items-start gap-3 p-4 sm:grid-cols-2 lg:grid-cols-4">
      <div className="flex flex-col gap-1.5">
        <label htmlFor="invite-lane" className="text-sm font-semibold">
          {t("console.lane")}
        </label>
        <select
          id="invite-lane"
          className={`${inputClass} border-line-strong`}
          value={lane}
          onChange={(event) => setLane(event.target.value)}
        >
          {room.lanes.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      <Field
        label={t("console.invite_count")}
        inputMode="numeric"
        value={count}
        error={count !== "" && !right ? t("console.number_from_to", { min: 1, max: MOST }) : undefined}
        onChange={(event) => setCount(event.target.value.trim())}
      />
      <Field
        label={t("console.invite_until")}
        type="datetime-local"
        value={until}
        onChange={(event) => setUntil(event.target.value)}
      />
      <Button type="submit" className="lg:mt-7" disabled={!right} busy={make.isPending}>
        {t("console.invite_make")}
      </Button>
      {make.isError && (
        <p role="alert" className="text-sm text-danger sm:col-span-full">
          {problem(make.error)}
        </p>
      )}
    </form>
  );
}

function Batch({ batch }: { batch: InviteBatch }) {
  const { t } = useTranslation();
  const { number, dateTime } = useFormat();
  return (
    <li className="flex flex-col gap-1 border-t border-line py-3 text-sm">
      <p className="font-semibold">
        {t("console.batch", { lane: batch.lane, used: number(batch.used), count: number(batch.count) })}
      </p>
      <p className="text-ink-2">
        {t("console.batch_made", { at: dateTime(batch.made_at), who: batch.made_by })}
        {batch.expires_at && ` ${t("console.batch_until", { at: dateTime(batch.expires_at) })}`}
      </p>
    </li>
  );
}

const rowsOf = (room: string, invites: Invite[]) => [
  ["number", "lane", "link", "token", "expires_at"],
  ...invites.map(({ number, lane, token, expires_at: until }) => [
    String(number), lane, `${location.origin}/wait/${room}?invite=${token}`, token, until ?? "",
  ]),
];

export function Invites({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const batches = useInviteBatches(room.id);
  const fixed = room.mode !== "closed" && room.mode !== "prequeue";
  return (
    <section aria-labelledby="invites" className="flex flex-col gap-4">
      <div>
        <h2 id="invites" className="text-lg font-bold">
          {t("console.part_invites")}
        </h2>
        <p className="max-w-prose text-sm text-ink-2">{t("console.invites_note")}</p>
      </div>
      {room.lanes.length === 0 && <p className="text-sm font-semibold">{t("console.invites_no_lane")}</p>}
      {room.lanes.length > 0 && fixed && (
        <p className="text-sm font-semibold">{t("console.invites_fixed")}</p>
      )}
      {room.lanes.length > 0 && !fixed && <MakeForm room={room} />}
      {batches.isPending && (
        <Loading>
          <Skeleton className="h-20 w-full" />
        </Loading>
      )}
      {batches.isError && (
        <Failure error={batches.error} onRetry={() => void batches.refetch()} busy={batches.isFetching} />
      )}
      {batches.data?.items.length === 0 && <p className="text-sm text-ink-3">{t("console.invites_none")}</p>}
      {batches.data && batches.data.items.length > 0 && (
        <>
          <ul>
            {batches.data.items.map((batch) => (
              <Batch key={batch.first} batch={batch} />
            ))}
          </ul>
          <div className="w-fit">
            <Download
              label={t("console.invites_csv")}
              name={() => csvName(room.id, "invites")}
              parts={async () => [csvOf(rowsOf(room.id, await allInvites(room.id)))]}
            />
          </div>
        </>
      )}
    </section>
  );
}
