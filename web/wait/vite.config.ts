// The wait page's own build, a few kilobytes: a script, its worker and a style, each named by its
// content. The server finds them by the start of their names.
import path from "node:path";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    target: "es2021",
    outDir: path.resolve(import.meta.dirname, "../dist"),
    emptyOutDir: true,
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: path.resolve(import.meta.dirname, "wait.ts"),
      output: { entryFileNames: "assets/[name]-[hash].js", assetFileNames: "assets/[name]-[hash][extname]" },
    },
  },
  worker: {
    format: "iife",
    rollupOptions: { output: { entryFileNames: "assets/[name]-[hash].js" } },
  },
});
