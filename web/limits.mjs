// Writes src/api/limits.ts from the server's /openapi.json: what its fields take. TypeScript's types
// can't say it, and the console must not have its own copy. usage: node limits.mjs SOURCE TARGET
import { readFileSync, writeFileSync } from "node:fs";

const [source, target] = process.argv.slice(2);
const text = source.startsWith("http") ? await (await fetch(source)).text() : readFileSync(source, "utf8");
const { schemas } = JSON.parse(text).components;
const KNOWN = { minimum: "min", maximum: "max", maxLength: "maxLength" };

const limitsOf = ({ properties }) =>
  Object.entries(properties).flatMap(([name, schema]) => {
    const found = Object.entries(KNOWN).filter(([key]) => key in schema);
    if (!found.some(([key]) => key.startsWith("max"))) return [];
    return [`    ${name}: { ${found.map(([key, as]) => `${as}: ${schema[key]}`).join(", ")} },`];
  });

const parts = ["RoomPatchBody", "LaneJson"].map((name) =>
  [`  ${name}: {`, ...limitsOf(schemas[name]), "  },"].join("\n"),
);
writeFileSync(
  target,
  `// Written by \`npm run types\` from the server's own /openapi.json.\nexport const LIMITS = {\n${parts.join("\n")}\n} as const;\n`,
);
