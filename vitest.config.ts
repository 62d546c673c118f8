import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Long ones first, so that none of them starts when the other worker has run out of work.
const ORDER = ['/test/e2e/', '/test/integration/', '/test/bridge/', '/test/unit/']

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = (file: TestSpecification): number =>
      ORDER.findIndex((folder) => file.moduleId.includes(folder))
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other))
  }
}

// Forked processes: the bridge ties Python's life to the thread that spawned it, which must be a main thread.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    testTimeout: 60_000,
    hookTimeout: 240_000,
    teardownTimeout: 10_000,
    globalSetup: ['test/helpers/build.ts'],
  },
})
