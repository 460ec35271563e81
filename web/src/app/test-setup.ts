import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeAll } from "vitest";
import { startLanguages } from "./i18n";

// How long something may take on a busy machine is not what these tests are about.
configure({ asyncUtilTimeout: 20_000 });

// jsdom has no modal dialogs.
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
  this.dispatchEvent(new Event("close"));
};

beforeAll(async () => {
  await startLanguages("en");
});
afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
  document.cookie = "onsale_in=; Max-Age=0; Path=/";
});
