import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useSearchParams } from "react-router";
import { ApiError } from "../api/client";
import { useTitle } from "../app/hooks";
import { Field } from "../app/ui/Field";
import { AuthForm, useFieldError } from "./AuthForm";
import { safeNext } from "./next";
import { useMe, useSignup } from "./queries";

const FIELDS = ["name", "email", "password"];

export default function SignupPage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const me = useMe();
  const signup = useSignup();
  const fieldError = useFieldError(signup.error);
  const [missing, setMissing] = useState<string[]>([]);
  useTitle(t("signup.title"));
  if (me.data) return <Navigate to={safeNext(search.get("next"))} replace />;

  const code = signup.error instanceof ApiError ? signup.error.code : undefined;
  const errorOf = (field: string) => {
    if (missing.includes(field)) return t("errors.field_required");
    if (field === "email" && code === "email_taken") return t("errors.email_taken");
    if (field === "password" && code === "weak_password") return t("errors.weak_password");
    return fieldError(field);
  };
  return (
    <AuthForm
      title={t("signup.title")}
      submit={t("signup.submit")}
      busy={signup.isPending}
      error={signup.error}
      shownInFields={FIELDS.some((field) => errorOf(field) !== undefined)}
      onSubmit={(values) => {
        const gaps = FIELDS.filter((field) => !values[field]?.trim());
        setMissing(gaps);
        if (gaps.length > 0) return;
        signup.mutate({
          email: values.email?.trim() ?? "",
          password: values.password ?? "",
          name: values.name?.trim() ?? "",
        });
      }}
      below={
        <p>
          {t("signup.have_account")}{" "}
          <Link className="font-semibold text-accent underline" to={`/login?${search.toString()}`}>
            {t("login.title")}
          </Link>
        </p>
      }
    >
      <Field label={t("signup.name")} name="name" autoComplete="name" required error={errorOf("name")} />
      <Field
        label={t("login.email")}
        name="email"
        type="email"
        autoComplete="username"
        inputMode="email"
        required
        error={errorOf("email")}
      />
      <Field
        label={t("login.password")}
        name="password"
        type="password"
        autoComplete="new-password"
        required
        hint={t("signup.password_hint")}
        error={errorOf("password")}
      />
    </AuthForm>
  );
}
