import { useState } from "react";
import { ApiError } from "../api/client";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import { forgetPlace, readPlace } from "./placeStore";
import { leaveRoom } from "./queries";

type Props = {
  room: string;
  words: { title: string; text: string; stay: string; leave: string };
  onLeft: () => void;
  onClose: () => void;
};

// Asks before a place in line, or the slot of somebody who is inside, goes to the next person.
export function LeaveDialog({ room, words, onLeft, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const leave = async () => {
    setBusy(true);
    try {
      await leaveRoom(room, readPlace(room)?.place);
    } catch (cause) {
      const gone = cause instanceof ApiError && cause.status === 401; // it was over already
      if (!gone) {
        setBusy(false);
        setError(cause);
        return;
      }
    }
    forgetPlace(room);
    onLeft();
  };
  return (
    <ConfirmDialog
      title={words.title}
      keep={words.stay}
      act={words.leave}
      busy={busy}
      error={error}
      onAct={() => void leave()}
      onClose={onClose}
    >
      <p>{words.text}</p>
    </ConfirmDialog>
  );
}
