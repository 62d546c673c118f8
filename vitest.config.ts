import { defineConfig } from 'vitest/config'

// Forked processes: the bridge ties Python's life to the thread that spawned it, which must be a main thread.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 240_000,
    globalSetup: [],
  },
})
