import { defineConfig } from "vite";

export default defineConfig({
  root: "page",
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: "page/index.html", passkey: "page/passkey.ts" },
      output: {
        // The sign-in page is written by the server, which knows this one script by its name.
        entryFileNames: ({ name }) => (name === "passkey" ? "passkey.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:8000",
      "/account/export": "http://127.0.0.1:8000",
      "/signin": "http://127.0.0.1:8000",
      "/signout": "http://127.0.0.1:8000",
      "/ws": { target: "ws://127.0.0.1:8000", ws: true },
    },
  },
});
