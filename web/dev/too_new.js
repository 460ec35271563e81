// What some browser that we serve (browserslist in package.json) doesn't have, from MDN's tables:
// lint refuses the static members, and tests/e2e/old_browser.test.mjs visits with all of it deleted.
import { createRequire } from "node:module";
import browserslist from "browserslist";

const { api, javascript } = createRequire(import.meta.url)("@mdn/browser-compat-data");
const NAMES = { ios_saf: "safari_ios", safari: "safari", chrome: "chrome", firefox: "firefox" };

function oldest() {
  const versions = {};
  for (const each of browserslist(undefined, { path: import.meta.dirname })) {
    const [browser, version] = each.split(" ");
    const name = NAMES[browser];
    if (name) versions[name] = Math.min(versions[name] ?? Infinity, parseFloat(version));
  }
  return Object.entries(versions);
}

const missing = (support, version) =>
  ![support].flat().some((each) => {
    const { version_added: added, version_removed: removed, flags, prefix, alternative_name: other } = each ?? {};
    return added && added !== "preview" && !removed && !flags && !prefix && !other && !(parseFloat(added) > version);
  });

// [{object, member, isStatic, builtin}]; without a member it is the whole object.
export function tooNew() {
  const browsers = oldest();
  const found = [];
  for (const [object, members] of Object.entries({ ...javascript.builtins, ...api })) {
    const builtin = object in javascript.builtins; // whose tables don't tell static members
    for (const [key, entry] of Object.entries(members)) {
      const compat = key === "__compat" ? entry : entry.__compat;
      if (!compat || !browsers.some(([name, version]) => missing(compat.support[name], version))) continue;
      if (key === "__compat") found.push({ object });
      else found.push({ object, member: key.replace(/_static$/, ""), builtin, isStatic: builtin || key.endsWith("_static") });
    }
  }
  return found;
}
