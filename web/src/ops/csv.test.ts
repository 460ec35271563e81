import { expect, it } from "vitest";
import { csvName, csvOf, withoutHeader } from "./csv";

it("quotes what needs quotes", () => {
  expect(csvOf([["a", 1], ['x,"y"', "two\nlines"]])).toBe('a,1\r\n"x,""y""","two\nlines"\r\n');
});

it("leaves no formula for a spreadsheet, and numbers as they are", () => {
  expect(csvOf([["=1+1", "@x", "-2", -2]])).toBe("'=1+1,'@x,'-2,-2\r\n");
});

it("joins pages without their header", () => {
  expect(withoutHeader("a,b\n1,2\n")).toBe("1,2\n");
});

it("names files by room, content and time", () => {
  expect(csvName("film", "log", new Date("2026-11-21T10:15:42Z"))).toBe("film-log-2026-11-21T10-15.csv");
});
