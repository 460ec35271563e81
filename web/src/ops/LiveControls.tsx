import { useTranslation } from "react-i18next";
import { LIMITS } from "../api/limits";
import type { AdminRoom, OffersShown, Room } from "../api/types";
import { useFormat } from "../app/format";
import { useRoom } from "../waitroom/queries";
import { Choice } from "./Choice";
import { ModeControl } from "./ModeControl";
import { NumberSetting, TextSetting } from "./settings";
import { useSetting } from "./useSetting";

const SHOWN: OffersShown[] = ["prices_and_stock", "prices", "none"];

// Prices and stock come from what is sold; here is what the line is told of them.
function Offers({ offers, hidden }: { offers: Room["offers"]; hidden: boolean }) {
  const { t } = useTranslation();
  const { number, money } = useFormat();
  if (offers.length === 0) {
    return <p className="text-sm text-ink-3">{t(hidden ? "console.offers_hidden" : "console.offers_none")}</p>;
  }
  const stock = offers.some(({ available }) => available !== undefined);
  const columns = stock ? (["grade", "price", "stock"] as const) : (["grade", "price"] as const);
  return (
    <table className="number w-full text-left text-sm">
      <thead className="text-ink-3">
        <tr>
          {columns.map((each) => (
            <th key={each} scope="col" className="py-1 pr-2 font-normal last:pr-0 last:text-right">
              {t(`console.offer_${each}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {offers.map(({ label, price, currency, available, total }) => (
          <tr key={`${label} ${price}`} className="border-t border-line">
            <th scope="row" className="py-1.5 pr-2 font-semibold">
              {label}
            </th>
            <td className="py-1.5 pr-2 last:pr-0 last:text-right">{money(price, currency)}</td>
            {stock && <td className="py-1.5 text-right">{`${number(available ?? 0)} / ${number(total ?? 0)}`}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type Props = { room: AdminRoom; now: Omit<Room, "offers" | "called_off"> & Partial<Pick<Room, "offers">> };

export function LiveControls({ room, now }: Props) {
  const { t } = useTranslation();
  const { apply, busy, error, question } = useSetting(room, now);
  const shown = useRoom(room.id);
  const offers = now.offers ?? shown.data?.offers;
  return (
    <section aria-labelledby="controls" className="flex min-w-0 flex-col gap-4">
      <div>
        <h2 id="controls" className="text-lg font-bold">
          {t("console.controls")}
        </h2>
        <p className="text-sm text-ink-3">{t("rooms.lead")}</p>
      </div>
      <div className="card flex flex-col gap-5 p-4">
        <NumberSetting
          label={t("rooms.rate")}
          value={now.admit_per_minute}
          {...LIMITS.RoomPatchBody.admit_per_minute}
          busy={busy("admit_per_minute")}
          error={error("admit_per_minute")}
          note={t("console.rate_note")}
          onApply={(rate) => apply({ admit_per_minute: rate })}
        />
        <NumberSetting
          label={t("rooms.capacity")}
          value={now.capacity}
          {...LIMITS.RoomPatchBody.capacity}
          busy={busy("capacity")}
          error={error("capacity")}
          note={t("console.capacity_note")}
          onApply={(capacity) => apply({ capacity })}
        />
        <TextSetting
          label={t("rooms.message")}
          hint={t("rooms.message_hint")}
          value={room.message}
          busy={busy("message")}
          error={error("message")}
          note={t("console.message_note")}
          onApply={(message) => apply({ message })}
        />
      </div>
      <div className="card p-4">
        <ModeControl room={room} now={now} />
      </div>
      <div className="card flex flex-col gap-2 p-4">
        <h3 className="text-base font-bold">{t("console.offers")}</h3>
        <Choice
          label={t("console.field_offers_shown")}
          value={room.offers_shown}
          options={SHOWN.map((value) => ({ value, label: t(`console.offers_shown_${value}`) }))}
          note={t(`console.offers_shown_${room.offers_shown}_note`)}
          busy={busy("offers_shown")}
          error={error("offers_shown")}
          onChange={(shown) => apply({ offers_shown: shown })}
        />
        {offers && <Offers offers={offers} hidden={room.offers_shown === "none"} />}
      </div>
      {question}
    </section>
  );
}
