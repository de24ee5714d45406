import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/page/**/*.test.ts"],
    globalSetup: "tests/page/build.ts",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One browser at a time: the machine may be busy with other work.
    fileParallelism: false,
  },
});
