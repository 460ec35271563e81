import { useRef, type FormEvent, type ReactNode } from "react";
import { ApiError } from "../api/client";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { useErrorText } from "../app/ui/states";

type Props = {
  title: string;
  submit: string;
  busy: boolean;
  error: unknown;
  shownInFields: boolean; // the fields already say what is wrong
  onSubmit: (values: Record<string, string>) => void;
  children: ReactNode;
  below: ReactNode;
};

export function AuthForm(props: Props) {
  const text = useErrorText();
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!form.current || props.busy) return;
    const data = new FormData(form.current);
    props.onSubmit(Object.fromEntries([...data].map(([key, value]) => [key, String(value)])));
  };
  return (
    <div className="container-page flex grow flex-col items-center py-10 md:py-16">
      <div className="flex w-full max-w-md flex-col gap-6">
        <h1 className="text-2xl font-bold">{props.title}</h1>
        <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
          {Boolean(props.error) && !props.shownInFields && (
            <Alert tone="bad">{text(props.error)}</Alert>
          )}
          {props.children}
          <Button type="submit" size="lg" busy={props.busy}>
            {props.submit}
          </Button>
        </form>
        <div className="text-sm text-ink-2">{props.below}</div>
      </div>
    </div>
  );
}

// The message for one field: the server's code in the reader's language, or the server's words.
export function useFieldError(error: unknown) {
  const text = useErrorText();
  return (field: string): string | undefined => {
    if (!(error instanceof ApiError)) return undefined;
    const found = error.errors.find((each) => each.field === field);
    if (!found) return undefined;
    return text(new ApiError({ status: 422, code: `field_${found.code}`, detail: found.message }));
  };
}
