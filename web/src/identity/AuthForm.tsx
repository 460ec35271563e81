import { useRef, useState, type ComponentProps, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useSearchParams } from "react-router";
import { ApiError } from "../api/client";
import { useTitle } from "../app/hooks";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { Field } from "../app/ui/Field";
import { useErrorText } from "../app/ui/states";
import { safeNext } from "./next";
import { useMe } from "./queries";

type ErrorOf = (field: string) => string | undefined;

type Props<F extends string> = {
  title: string;
  submit: string;
  fields: readonly F[]; // none of them may be empty
  sending: { isPending: boolean; error: unknown };
  onSubmit: (values: Record<F, string>) => void; // as typed
  refusal?: ErrorOf; // what a refusal means for one field, where the server names none
  other: { question: string; to: string; title: string };
  children: (errorOf: ErrorOf) => ReactNode;
};

// The page of both: who is signed in goes on at once; a message stands at its field, or above.
export function AuthForm<F extends string>(props: Props<F>) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const me = useMe();
  const text = useErrorText();
  const named = useFieldError(props.sending.error);
  const form = useRef<HTMLFormElement>(null);
  const [missing, setMissing] = useState<F[]>([]);
  useTitle(props.title);
  if (me.data) return <Navigate to={safeNext(search.get("next"))} replace />;

  const { isPending: busy, error } = props.sending;
  const errorOf: ErrorOf = (field) =>
    missing.some((each) => each === field)
      ? t("errors.field_required")
      : (props.refusal?.(field) ?? named(field));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!form.current || busy) return;
    const data = new FormData(form.current);
    const values = Object.fromEntries(
      props.fields.map((field) => [field, String(data.get(field) ?? "")]),
    ) as Record<F, string>;
    const gaps = props.fields.filter((field) => !values[field].trim());
    setMissing(gaps);
    if (gaps.length === 0) props.onSubmit(values);
  };
  return (
    <div className="container-page flex grow flex-col items-center py-10 md:py-16">
      <div className="flex w-full max-w-md flex-col gap-6">
        <h1 className="text-2xl font-bold">{props.title}</h1>
        <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
          {Boolean(error) && !props.fields.some(errorOf) && <Alert tone="bad">{text(error)}</Alert>}
          {props.children(errorOf)}
          <Button type="submit" size="lg" busy={busy}>
            {props.submit}
          </Button>
        </form>
        <p className="text-sm text-ink-2">
          {props.other.question}{" "}
          <Link className="font-semibold text-accent underline" to={`${props.other.to}?${search.toString()}`}>
            {props.other.title}
          </Link>
        </p>
      </div>
    </div>
  );
}

export function EmailField({ error }: { error: string | undefined }) {
  const { t } = useTranslation();
  return (
    <Field
      label={t("login.email")}
      name="email"
      type="email"
      autoComplete="username"
      inputMode="email"
      required
      error={error}
    />
  );
}

type PasswordProps = Pick<ComponentProps<typeof Field>, "autoComplete" | "hint" | "error">;

export function PasswordField(props: PasswordProps) {
  const { t } = useTranslation();
  return <Field label={t("login.password")} name="password" type="password" required {...props} />;
}

// The message for one field: the server's code in the reader's language, or the server's words.
function useFieldError(error: unknown): ErrorOf {
  const text = useErrorText();
  return (field) => {
    if (!(error instanceof ApiError)) return undefined;
    const found = error.errors.find((each) => each.field === field);
    if (!found) return undefined;
    return text(new ApiError({ status: 422, code: `field_${found.code}`, detail: found.message }));
  };
}
