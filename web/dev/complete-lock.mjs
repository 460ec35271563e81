// A registry mirror may lack builds of a native package for other systems. npm then leaves them out
// of package-lock.json, and `npm ci` refuses that lock everywhere. This adds what is missing, by name
// and version as the parent package asks for it; no machine downloads a build of another system.
// Run after `npm install`. Entries made here carry no integrity: the mirror has none to give.
import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(FILE, "utf8"));
const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const CHIPS = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64", "wasm32"];
const part = (name, words) => words.filter((word) => name.split(/[-/]/).includes(word));

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
    if (path === "" || places.some((place) => lock.packages[place])) continue;
    const os = part(name, SYSTEMS);
    const cpu = part(name, CHIPS);
    if (!/^\d/.test(range) || (os.length === 0 && !cpu.includes("wasm32"))) continue;
    lock.packages[`node_modules/${name}`] = {
      version: range,
      ...(cpu.length > 0 ? { cpu } : {}),
      dev: true,
      optional: true,
      ...(os.length > 0 ? { os } : {}),
    };
    added += 1;
  }
}
const root = lock.packages[""];
delete lock.packages[""];
lock.packages = { "": root, ...Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} builds of other systems added`);
