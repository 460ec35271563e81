import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AdminRoom, RoomMode } from "../api/types";
import { Button } from "../app/ui/Button";
import { MODES, type Line } from "./changes";
import { useSetting } from "./useSetting";

type Props = { room: AdminRoom; now: Line };

// All modes with what they mean for those in line; nothing happens before the button.
export function ModeControl({ room, now }: Props) {
  const { t } = useTranslation();
  const { apply, busy, error, question } = useSetting(room, now);
  const [wanted, setWanted] = useState<RoomMode>();
  useEffect(() => setWanted(undefined), [now.mode]);
  const chosen = wanted ?? now.mode;
  return (
    <div className="flex flex-col gap-3">
      <fieldset className="flex flex-col gap-1" disabled={busy("mode")}>
        <legend className="mb-1 text-sm font-semibold">{t("rooms.mode")}</legend>
        {MODES.map((mode) => (
          <label
            key={mode}
            className={`flex gap-3 rounded-xl border p-3 has-focus-visible:outline-3 has-focus-visible:outline-accent ${
              mode === chosen ? "border-accent bg-accent-soft" : "border-line"
            }`}
          >
            <input
              type="radio"
              name={`mode-${room.id}`}
              value={mode}
              checked={mode === chosen}
              aria-describedby={`mode-${mode}`}
              aria-label={t(`room.mode_${mode}`)}
              onChange={() => setWanted(mode)}
              className="mt-1 size-4 shrink-0 accent-current"
            />
            <span className="flex min-w-0 flex-col">
              <span className="text-sm font-semibold">
                {t(`room.mode_${mode}`)}
                {mode === now.mode && <span className="font-normal text-ink-2">{` · ${t("console.now")}`}</span>}
              </span>
              <span id={`mode-${mode}`} className="text-sm text-ink-2">
                {t(`console.mode_${mode}_text`)}
              </span>
            </span>
          </label>
        ))}
      </fieldset>
      {error("mode") && (
        <p role="alert" className="text-sm text-danger">
          {error("mode")}
        </p>
      )}
      {room.two_person && <p className="text-sm text-ink-2">{t("console.two_person_yes_note")}</p>}
      <Button
        disabled={chosen === now.mode}
        busy={busy("mode")}
        onClick={() => apply({ mode: chosen }, () => setWanted(undefined))}
      >
        {chosen === now.mode
          ? t("console.mode_choose")
          : t("console.mode_do", { mode: t(`room.mode_${chosen}`) })}
      </Button>
      {question}
    </div>
  );
}
