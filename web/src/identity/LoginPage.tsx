import { useTranslation } from "react-i18next";
import { AuthForm, EmailField, PasswordField } from "./AuthForm";
import { useLogin } from "./queries";

const FIELDS = ["email", "password"] as const;

export default function LoginPage() {
  const { t } = useTranslation();
  const login = useLogin();
  return (
    <AuthForm
      title={t("login.title")}
      submit={t("login.submit")}
      fields={FIELDS}
      sending={login}
      onSubmit={({ email, password }) => login.mutate({ email: email.trim(), password })}
      other={{ question: t("login.no_account"), to: "/signup", title: t("signup.title") }}
    >
      {(errorOf) => (
        <>
          <EmailField error={errorOf("email")} />
          <PasswordField autoComplete="current-password" error={errorOf("password")} />
        </>
      )}
    </AuthForm>
  );
}
