import { useState } from "react";
import { ApiError } from "../api/client";
import { Button } from "../app/ui/Button";
import { Dialog } from "../app/ui/Dialog";
import { useErrorText } from "../app/ui/states";
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
  const text = useErrorText();
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
    <Dialog
      title={words.title}
      onClose={onClose}
      busy={busy}
      actions={
        <>
          <Button look="secondary" onClick={onClose} disabled={busy}>
            {words.stay}
          </Button>
          <Button look="danger" onClick={() => void leave()} busy={busy}>
            {words.leave}
          </Button>
        </>
      }
    >
      <p>{words.text}</p>
      {error !== undefined && (
        <p role="alert" className="mt-2 text-danger">
          {text(error)}
        </p>
      )}
    </Dialog>
  );
}
