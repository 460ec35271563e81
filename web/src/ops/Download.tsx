import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { announce } from "../app/announce";
import { Button } from "../app/ui/Button";
import { useErrorText } from "../app/ui/states";
import { saveCsv } from "./csv";

type Props = { label: string; name: () => string; parts: () => Promise<string[]>; disabled?: boolean };

// Gathers all pages, then saves them as one file.
export function Download({ label, name, parts, disabled }: Props) {
  const { t } = useTranslation();
  const text = useErrorText();
  const save = useMutation({
    mutationFn: parts,
    onSuccess: (found) => {
      saveCsv(name(), found);
      announce(t("console.saved"));
    },
  });
  return (
    <div className="flex flex-col gap-1">
      <Button look="secondary" disabled={disabled} busy={save.isPending} onClick={() => save.mutate()}>
        {label}
      </Button>
      {save.isError && (
        <p role="alert" className="text-sm text-danger">
          {text(save.error)}
        </p>
      )}
    </div>
  );
}
