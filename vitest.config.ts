import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], testTimeout: number, exclude: string[] = []) => ({
  test: {
    name,
    include,
    exclude,
    testTimeout,
    hookTimeout: testTimeout,
    environment: "node" as const,
    pool: "forks" as const,
  },
});

export default defineConfig({
  test: {
    projects: [
      project("fast", ["test/**/*.test.ts"], 20_000, ["test/**/*.{slow,browser,live}.test.ts", "test/extension/**"]),
      project("slow", ["test/**/*.slow.test.ts"], 300_000),
      project("browser", ["test/**/*.browser.test.ts"], 120_000),
    ],
  },
});
