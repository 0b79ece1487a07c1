import { defineConfig } from 'vitest/config'

const long = 'test/**/*.long.test.ts'
const simulation = 'test/model/pull.test.ts'

export default defineConfig({
  test: {
    maxWorkers: 2,
    // A process for each file would spend more time on loading packages than most files spend on tests.
    isolate: false,
    setupFiles: ['test/separate-files.ts'],
    // At least five times what the slowest test takes on a quiet machine: a busy one is no failure.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_EC2_METADATA_DISABLED: 'true' },
    projects: [
      { extends: true, test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: [long] } },
      {
        extends: true,
        test: {
          name: 'long',
          include: [long, simulation],
          testTimeout: 900_000,
          env: { CROSSTRAIL_MODEL_CASES: '600' },
        },
      },
    ],
  },
})
