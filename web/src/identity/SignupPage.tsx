import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { Field } from "../app/ui/Field";
import { AuthForm, EmailField, PasswordField } from "./AuthForm";
import { useSignup } from "./queries";

const FIELDS = ["name", "email", "password"] as const;

export default function SignupPage() {
  const { t } = useTranslation();
  const signup = useSignup();
  const code = signup.error instanceof ApiError ? signup.error.code : undefined;
  const refusal = (field: string) => {
    if (field === "email" && code === "email_taken") return t("errors.email_taken");
    if (field === "password" && code === "weak_password") return t("errors.weak_password");
    return undefined;
  };
  return (
    <AuthForm
      title={t("signup.title")}
      submit={t("signup.submit")}
      fields={FIELDS}
      sending={signup}
      onSubmit={({ email, password, name }) =>
        signup.mutate({ email: email.trim(), password, name: name.trim() })
      }
      refusal={refusal}
      other={{ question: t("signup.have_account"), to: "/login", title: t("login.title") }}
    >
      {(errorOf) => (
        <>
          <Field label={t("signup.name")} name="name" autoComplete="name" required error={errorOf("name")} />
          <EmailField error={errorOf("email")} />
          <PasswordField
            autoComplete="new-password"
            hint={t("signup.password_hint")}
            error={errorOf("password")}
          />
        </>
      )}
    </AuthForm>
  );
}
