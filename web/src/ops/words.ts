import { addWords } from "../app/i18n";

const catalogue = { ko: () => import("./words/ko.json"), en: () => import("./words/en.json") };

// The console's words come with the console: nobody else reads them.
export const withWords = async <T>(page: Promise<T>): Promise<T> =>
  (await Promise.all([page, addWords(catalogue)]))[0];
