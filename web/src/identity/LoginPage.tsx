import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useSearchParams } from "react-router";
import { useTitle } from "../app/hooks";
import { Field } from "../app/ui/Field";
import { AuthForm } from "./AuthForm";
import { safeNext } from "./next";
import { useLogin, useMe } from "./queries";

export default function LoginPage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const me = useMe();
  const login = useLogin();
  const [missing, setMissing] = useState<string[]>([]);
  useTitle(t("login.title"));
  if (me.data) return <Navigate to={safeNext(search.get("next"))} replace />;

  const required = (field: string) =>
    missing.includes(field) ? t("errors.field_required") : undefined;
  return (
    <AuthForm
      title={t("login.title")}
      submit={t("login.submit")}
      busy={login.isPending}
      error={login.error}
      shownInFields={missing.length > 0}
      onSubmit={(values) => {
        const gaps = ["email", "password"].filter((field) => !values[field]?.trim());
        setMissing(gaps);
        if (gaps.length === 0) {
          login.mutate({ email: values.email?.trim() ?? "", password: values.password ?? "" });
        }
      }}
      below={
        <p>
          {t("login.no_account")}{" "}
          <Link className="font-semibold text-accent underline" to={`/signup?${search.toString()}`}>
            {t("signup.title")}
          </Link>
        </p>
      }
    >
      <Field
        label={t("login.email")}
        name="email"
        type="email"
        autoComplete="username"
        inputMode="email"
        required
        error={required("email")}
      />
      <Field
        label={t("login.password")}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        error={required("password")}
      />
    </AuthForm>
  );
}
