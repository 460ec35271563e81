import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LIMITS } from "../api/limits";
import type { AdminRoom, ProofMode } from "../api/types";
import { useFormat } from "../app/format";
import { Button } from "../app/ui/Button";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import { Badge } from "../app/ui/states";
import { Choice } from "./Choice";
import { LaneEditor } from "./LaneEditor";
import { useProofStatus } from "./queries";
import { NumberSetting } from "./settings";
import { TimeSettings } from "./TimeSettings";
import { useSetting } from "./useSetting";

const PROOFS: ProofMode[] = ["off", "automatic", "on"];
const ONES = ["device", "account"] as const;
const TWO = ["no", "yes"] as const;

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card flex min-w-0 flex-col gap-4 p-4 sm:p-5">
      <h2 className="text-lg font-bold">{title}</h2>
      {children}
    </section>
  );
}

// What joining costs now, and how many come.
function ProofNow({ room }: { room: string }) {
  const { t } = useTranslation();
  const { number, percent } = useFormat();
  const { data } = useProofStatus(room);
  if (!data) return null;
  const items: [string, string][] = [
    [t("console.joins_per_second"), `${number(data.joins_per_second)} / ${number(data.pressed_from_per_second)}`],
    [t("console.cookie_less"), percent(data.cookie_less_share)],
    [t("console.proofs"), `${number(data.asked)} / ${number(data.proven)} / ${number(data.refused)}`],
    [t("console.slow_lane"), `${number(data.slow_by_quota)} / ${number(data.slow_by_suspicion)}`],
  ];
  return (
    <div className="flex flex-col gap-2 rounded-xl bg-sunken p-3 text-sm">
      <p>
        <Badge tone={data.proof_demanded ? "warn" : "accent"}>
          {t(data.proof_demanded ? "console.proof_demanded" : "console.proof_free")}
        </Badge>
      </p>
      <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
        {items.map(([label, value]) => (
          <div key={label} className="flex justify-between gap-3">
            <dt className="text-ink-2">{label}</dt>
            <dd className="number font-semibold">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Newcomers({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { apply, busy, error, question } = useSetting(room);
  return (
    <Card title={t("console.newcomers")}>
      <Choice
        label={t("console.field_proof")}
        value={room.proof}
        options={PROOFS.map((value) => ({ value, label: t(`console.proof_${value}`) }))}
        note={t(`console.proof_${room.proof}_note`)}
        busy={busy("proof")}
        error={error("proof")}
        onChange={(proof) => apply({ proof })}
      />
      <ProofNow room={room.id} />
      <div className="grid items-start gap-3 sm:grid-cols-2">
        <NumberSetting
          label={t("console.field_proof_bits")}
          value={room.proof_bits}
          {...LIMITS.RoomPatchBody.proof_bits}
          busy={busy("proof_bits")}
          error={error("proof_bits")}
          note={t("console.proof_bits_note")}
          onApply={(bits) => apply({ proof_bits: bits })}
        />
        <NumberSetting
          label={t("console.field_proof_count")}
          value={room.proof_count}
          {...LIMITS.RoomPatchBody.proof_count}
          busy={busy("proof_count")}
          error={error("proof_count")}
          note={t("console.proof_count_note")}
          onApply={(count) => apply({ proof_count: count })}
        />
        <NumberSetting
          label={t("console.field_joins_per_prefix")}
          value={room.joins_per_prefix}
          {...LIMITS.RoomPatchBody.joins_per_prefix}
          busy={busy("joins_per_prefix")}
          error={error("joins_per_prefix")}
          note={t("console.joins_per_prefix_note")}
          onApply={(joins) => apply({ joins_per_prefix: joins })}
        />
      </div>
      <Choice
        label={t("console.field_one_per")}
        value={room.one_per}
        options={ONES.map((value) => ({ value, label: t(`console.one_per_${value}`) }))}
        note={t(`console.one_per_${room.one_per}_note`)}
        busy={busy("one_per")}
        error={error("one_per")}
        onChange={(onePer) => apply({ one_per: onePer })}
      />
      {question}
    </Card>
  );
}

// Passes of an earlier epoch let nobody in any more.
function Revoke({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const { apply, busy, error, question } = useSetting(room);
  const [asking, setAsking] = useState(false);
  const act = () => apply({ pass_epoch: room.pass_epoch + 1 }, () => setAsking(false));
  return (
    <div className="flex flex-col items-start gap-1.5">
      <Button look="danger" busy={busy("pass_epoch")} onClick={() => setAsking(true)}>
        {t("console.revoke")}
      </Button>
      {error("pass_epoch") && (
        <p role="alert" className="text-sm text-danger">
          {error("pass_epoch")}
        </p>
      )}
      {question}
      <p className="text-sm text-ink-3">{t("console.revoke_note", { epoch: room.pass_epoch })}</p>
      {asking && (
        <ConfirmDialog
          title={t("console.revoke_ask")}
          keep={t("console.keep")}
          act={t("console.revoke")}
          busy={busy("pass_epoch")}
          error={undefined}
          onAct={act}
          onClose={() => setAsking(false)}
        >
          <p>{t("console.revoke_text", { active: number(room.active) })}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function Safety({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { apply, busy, error, question } = useSetting(room);
  const now = room.two_person ? "yes" : "no";
  return (
    <Card title={t("console.safety")}>
      <Choice
        label={t("console.field_two_person")}
        value={now}
        options={TWO.map((value) => ({ value, label: t(`console.two_person_${value}`) }))}
        note={t(`console.two_person_${now}_note`)}
        busy={busy("two_person")}
        error={error("two_person")}
        onChange={(value) => apply({ two_person: value === "yes" })}
      />
      {question}
      <Revoke room={room} />
    </Card>
  );
}

export function RoomRules({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <Newcomers room={room} />
      <div className="flex min-w-0 flex-col gap-5">
        <Card title={t("console.field_lanes")}>
          <LaneEditor room={room} />
        </Card>
        <Safety room={room} />
      </div>
      <div className="lg:col-span-2">
        <Card title={t("rooms.more")}>
          <TimeSettings room={room} explained />
        </Card>
      </div>
    </div>
  );
}
