import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
});

// Browsers that block a site's data throw at the very name.
it("without storage remembers for this page, and breaks nothing", async () => {
  const blocked = () => {
    throw new DOMException("denied", "SecurityError");
  };
  vi.spyOn(window, "localStorage", "get").mockImplementation(blocked);
  vi.spyOn(window, "sessionStorage", "get").mockImplementation(blocked);
  vi.resetModules();
  const { local, session, storedJson } = await import("./storage");
  local.setItem("a", "1");
  expect([local.getItem("a"), local.length, session.getItem("a")]).toEqual(["1", 1, null]);
  session.setItem("b", '{"n":2}');
  expect(storedJson(session, "b")).toEqual({ n: 2 });
  local.removeItem("a");
  expect(local.getItem("a")).toBeNull();
});

it("with storage that is full remembers for this page", async () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  vi.resetModules();
  const { local } = await import("./storage");
  local.setItem("a", "1");
  expect(local.getItem("a")).toBe("1");
});

it("reads what is no JSON as nothing", async () => {
  const { session, storedJson } = await import("./storage");
  session.setItem("bad", "{");
  expect(storedJson(session, "bad")).toBeUndefined();
});
