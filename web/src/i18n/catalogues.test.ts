import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import opsEn from "../ops/words/en.json";
import opsKo from "../ops/words/ko.json";
import en from "./en.json";
import ko from "./ko.json";

type Tree = { [key: string]: string | Tree };

function keysOf(tree: Tree, prefix = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [prefix + key] : keysOf(value, `${prefix}${key}.`),
  );
}
const bare = (key: string) => key.replace(/_(one|other)$/, "");
const everybodys = { ko: new Set(keysOf(ko).map(bare)), en: new Set(keysOf(en).map(bare)) };
const operators = { ko: new Set(keysOf(opsKo).map(bare)), en: new Set(keysOf(opsEn).map(bare)) };
const koKeys = new Set([...everybodys.ko, ...operators.ko]);
const enKeys = new Set([...everybodys.en, ...operators.en]);

function textOf(tree: Tree, key: string): string | undefined {
  const found = key
    .split(".")
    .reduce<string | Tree | undefined>((at, part) => (typeof at === "object" ? at[part] : undefined), tree);
  return typeof found === "string" ? found : undefined;
}
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

const SRC = join(import.meta.dirname, "..");
const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|test-setup|schema\.d/.test(path))
  .map((path) => ({
    path,
    file: ts.createSourceFile(
      path,
      readFileSync(join(SRC, path), "utf8"),
      ts.ScriptTarget.Latest,
      true,
      path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
    ),
  }));

function walk(node: ts.Node, visit: (node: ts.Node) => void) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

const SPOKEN = new Set(["aria-label", "title", "placeholder", "alt", "label", "aria-description"]);
const WORDS = /\p{L}{2,}/u;

export function rawTexts(file: ts.SourceFile): string[] {
  const found: string[] = [];
  walk(file, (node) => {
    if (ts.isJsxText(node) && WORDS.test(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText(file))) {
      const value = node.initializer;
      if (value && ts.isStringLiteral(value) && WORDS.test(value.text)) found.push(value.text);
    }
  });
  return found;
}

describe("the text catalogues", () => {
  it("have the same keys in Korean and English", () => {
    expect([...enKeys].filter((key) => !koKeys.has(key))).toEqual([]);
    expect([...koKeys].filter((key) => !enKeys.has(key))).toEqual([]);
  });

  it("are one for everybody and one for operators, in both languages", () => {
    for (const language of ["ko", "en"] as const) {
      expect([...operators[language]].filter((key) => everybodys[language].has(key))).toEqual([]);
    }
    expect([...operators.en].sort()).toEqual([...operators.ko].sort());
    expect([...everybodys.en].filter((key) => /^(console|rooms)\./.test(key))).toEqual([]);
  });

  it("fill the same blanks in both languages", () => {
    const differ = (one: Tree, two: Tree) =>
      keysOf(one).filter((key) => {
        const other = textOf(two, key) ?? textOf(two, `${bare(key)}_other`);
        const blanks = placeholders(textOf(one, key) ?? "");
        return other !== undefined && placeholders(other).join() !== blanks.join();
      });
    const different = [...differ(en, ko), ...differ(opsEn, opsKo)];
    expect(different).toEqual([]);
  });

  it("have every key that the code asks for", () => {
    const missing: string[] = [];
    for (const { path, file } of sources) {
      walk(file, (node) => {
        if (!ts.isCallExpression(node) || node.expression.getText(file) !== "t") return;
        const key = node.arguments[0];
        const known = path.startsWith("ops/") ? enKeys : everybodys.en;
        if (key && ts.isStringLiteral(key) && !known.has(key.text)) missing.push(`${path}: ${key.text}`);
      });
    }
    expect(missing).toEqual([]);
  });

  it("hold all text: no component contains raw words", () => {
    const raw = sources.flatMap(({ path, file }) => rawTexts(file).map((text) => `${path}: ${text}`));
    expect(raw).toEqual([]);
  });

  it("negative control: raw words in a component are found", () => {
    const file = ts.createSourceFile(
      "x.tsx",
      'const x = <p title="Hello">Buy now</p>;',
      ts.ScriptTarget.Latest,
      true,
      ts.ScriptKind.TSX,
    );
    expect(rawTexts(file)).toEqual(["Hello", "Buy now"]);
  });
});
