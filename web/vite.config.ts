/// <reference types="vitest/config" />
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.ONSALE_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // The wait page (wait/vite.config.ts) is built before it, into the same folder.
  // The syntax of the oldest browsers served (browserslist in package.json).
  build: { target: ["es2021", "safari16"], emptyOutDir: false, assetsInlineLimit: 0, reportCompressedSize: true },
  server: {
    proxy: {
      "/api": server,
      "/sandbox": server,
      "/posters": server,
      // The server's own page, with the script that it carries.
      "/wait": server,
      "/assets": server,
      "/ws": { target: server, ws: true },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["./src/app/test-setup.ts"],
    css: false,
    testTimeout: 30_000,
    pool: "threads",
    maxWorkers: 1,
    minWorkers: 1,
  },
});
