import { defineConfig } from "vitest/config";

export default defineConfig({
  // The steps of the story have their own patience.
  test: { include: ["tests/two/**/*.test.ts"], testTimeout: 900_000, disableConsoleIntercept: true },
});
