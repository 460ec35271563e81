import i18next from "i18next";
import { afterAll, expect, it } from "vitest";
import { chooseLanguage } from "../app/i18n";
import { withWords } from "./words";

afterAll(() => chooseLanguage("en"));

it("come with the console alone, in the present language and in whichever is chosen later", async () => {
  expect(i18next.exists("console.you")).toBe(false);
  expect(await withWords(Promise.resolve("a page"))).toBe("a page");
  expect(i18next.t("console.you")).toBe("You");
  expect(i18next.t("errors.second_person_needed")).not.toBe("errors.second_person_needed");
  expect(i18next.exists("errors.network"), "what everybody reads is still there").toBe(true);
  await chooseLanguage("ko");
  expect(i18next.t("console.you")).toBe("나");
});
