// Browsers that block a site's data throw at the very name of a storage. The shop shows what plays
// all the same; nothing is remembered then beyond this page.
class Forgetful implements Storage {
  private kept = new Map<string, string>();
  get length() {
    return this.kept.size;
  }
  clear = () => this.kept.clear();
  getItem = (key: string) => this.kept.get(key) ?? null;
  key = (at: number) => [...this.kept.keys()][at] ?? null;
  removeItem = (key: string) => void this.kept.delete(key);
  setItem = (key: string, value: string) => void this.kept.set(key, value);
}

function usable(name: "localStorage" | "sessionStorage"): Storage {
  try {
    const storage = window[name];
    storage.setItem("onsale.kept", "1");
    storage.removeItem("onsale.kept");
    return storage;
  } catch {
    return new Forgetful();
  }
}

export const local = usable("localStorage");
export const session = usable("sessionStorage");

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
