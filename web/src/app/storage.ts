// A value that survives a reload of this tab.
export function storedJson<T>(storage: Storage, key: string): T | undefined {
  try {
    const text = storage.getItem(key);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

const YEAR_S = 365 * 86_400;

// What the server's own pages must know too: the language and the theme. Empty forgets it.
export function rememberCookie(name: string, value: string) {
  const life = value ? YEAR_S : 0;
  document.cookie = `${name}=${value}; Max-Age=${life}; Path=/; SameSite=Lax`;
}

export function readCookie(name: string): string | undefined {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}
