// Where to go after signing in. Only a path of this app: "//elsewhere" and "https:" are refused.
export function safeNext(next: string | null): string {
  if (!next || !next.startsWith("/") || /^\/[/\\]/.test(next)) return "/";
  if (/^\/(login|signup)(\/|\?|$)/.test(next)) return "/";
  return next;
}

export function loginPath(next: string) {
  return `/login?next=${encodeURIComponent(next)}`;
}
