import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import type { AdminRoom, PlannedChange, RoomChange } from "../api/types";
import { announce } from "../app/announce";
import { useErrorText } from "../app/ui/states";
import { danger, plannedDanger, wasOvertaken, wasProposed, type Danger, type Line } from "./changes";
import { DangerDialog } from "./DangerDialog";
import { OvertakenDialog } from "./OvertakenDialog";
import { useChangeRoom } from "./queries";

// A problem in the words of the control it belongs to: what is wrong with its member, else with all.
export function useProblemText() {
  const { t, i18n } = useTranslation();
  const text = useErrorText();
  return (error: unknown, member = ""): string => {
    const errors = error instanceof ApiError ? error.errors : [];
    const own = errors.find(({ field }) => field.startsWith(member)) ?? errors[0];
    const whole = error instanceof ApiError && error.code !== "invalid" && i18n.exists(`errors.${error.code}`);
    const named = `errors.field_${own?.code}`;
    return own && !whole && i18n.exists(named) ? t(named) : text(error);
  };
}

export type Setting = {
  apply: (change: RoomChange, done?: () => void) => void;
  busy: (member: keyof RoomChange) => boolean;
  error: (member: keyof RoomChange) => string | undefined;
  question: ReactNode; // to be rendered by whoever applies
};

type Overtaken = { seen: AdminRoom; change: RoomChange };
type Asked = { change: RoomChange; why: Danger; planned?: PlannedChange; done: (() => void) | undefined };

// Changes of a room's settings: what is under way, and what went wrong where. What stops or empties a
// line, now or by the plan, is asked first, whichever control it comes from; and so is what would be made
// over a change of another operator that this one has not seen. `now` has the newest numbers.
export function useSetting(room: AdminRoom, now: Line = room): Setting {
  const { t } = useTranslation();
  const problem = useProblemText();
  const change = useChangeRoom(room);
  const concerns = (member: keyof RoomChange) =>
    change.variables !== undefined && member in change.variables;
  const [asked, setAsked] = useState<Asked>();
  const [overtaken, setOvertaken] = useState<Overtaken>();
  const make = (next: RoomChange, done?: () => void) =>
    change.mutate(next, {
      onSuccess: (answer) =>
        announce(t(wasProposed(next, answer) ? "console.proposed" : "rooms.applied", { room: room.name })),
      onError: (error) => wasOvertaken(error) && setOvertaken({ seen: room, change: next }),
      onSettled: done,
    });
  const apply = (next: RoomChange, done?: () => void) => {
    const why = danger(now, next);
    const planned = next.schedule && plannedDanger(now, next.schedule, room.schedule);
    if (why) setAsked({ change: next, why, done });
    else if (planned) setAsked({ change: next, why: planned.why, planned: planned.entry, done });
    else make(next, done);
  };
  const close = () => {
    setAsked(undefined);
    asked?.done?.();
  };
  return {
    apply,
    question: asked ? (
      <DangerDialog
        room={room}
        now={now}
        change={asked.planned ?? asked.change}
        at={asked.planned?.at}
        danger={asked.why}
        onClose={close}
        onAct={() => {
          setAsked(undefined);
          make(asked.change, asked.done);
        }}
      />
    ) : (
      overtaken &&
      overtaken.seen.version !== room.version && (
        <OvertakenDialog
          {...overtaken}
          room={room}
          onClose={() => setOvertaken(undefined)}
          onAct={() => {
            setOvertaken(undefined);
            apply(overtaken.change);
          }}
        />
      )
    ),
    busy: (member) => change.isPending && concerns(member),
    error: (member) => (change.isError && concerns(member) ? problem(change.error, member) : undefined),
  };
}
