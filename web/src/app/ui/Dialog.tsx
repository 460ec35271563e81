import { useEffect, useId, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./icons";

type Props = {
  title: string;
  onClose: () => void;
  children: ReactNode;
  actions?: ReactNode;
  busy?: boolean; // cannot be closed while something is on its way
};

// A native modal dialog: the browser traps focus, closes only the top one on Escape and gives focus
// back. Mount it to open it. The page behind stops scrolling by CSS (html:has(dialog[open])).
export function Dialog({ title, onClose, children, actions, busy = false }: Props) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);

  return (
    // The backdrop is a convenience for pointers; the keyboard has Escape and the close button.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      className="w-[min(32rem,calc(100vw-2rem))] max-h-[85dvh] rounded-2xl bg-surface p-0 shadow-card"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current && !busy) onClose();
      }}
    >
      <div className="flex flex-col gap-4 p-5 sm:p-6">
        <div className="flex items-start justify-between gap-4">
          <h2 id={titleId} className="text-lg font-bold">
            {title}
          </h2>
          <button
            type="button"
            className="-m-2 rounded-lg p-2 text-ink-2 hover:bg-sunken"
            aria-label={t("common.close")}
            disabled={busy}
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </div>
        <div className="text-ink-2">{children}</div>
        {actions && <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">{actions}</div>}
      </div>
    </dialog>
  );
}
