import type { ReactNode } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { useErrorText } from "./states";

type Props = {
  title: string;
  keep: string; // the way back
  act: string; // what cannot be undone
  busy: boolean;
  error: unknown; // why it did not work, if it did not
  disabled?: boolean;
  onAct: () => void;
  onClose: () => void;
  children: ReactNode;
};

// Asks before something that cannot be undone, and says so when it did not work.
export function ConfirmDialog({ title, keep, act, busy, error, disabled, onAct, onClose, children }: Props) {
  const text = useErrorText();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      busy={busy}
      actions={
        <>
          <Button look="secondary" onClick={onClose} disabled={busy}>
            {keep}
          </Button>
          <Button look="danger" busy={busy} disabled={disabled} onClick={onAct}>
            {act}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {children}
        {Boolean(error) && (
          <p role="alert" className="text-danger">
            {text(error)}
          </p>
        )}
      </div>
    </Dialog>
  );
}
