import { readdirSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const long = 'test/**/*.long.test.ts'
const simulations = ['test/model/pull.test.ts', 'test/model/pull-queue.test.ts']

/** The SDK keeps what it read of the environment, so a test file that changes it has a process of its own. */
const changesEnvironment =
  /stubEnv|process\.env(?:\.\w+|\[[^\]]+\])? = |doctor-world|kept-lab|admin-lab|rgw-sessions|source-world/
const alone = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((file) => `test/${file.replaceAll('\\', '/')}`)
  .filter((file) => file.endsWith('.test.ts') && !file.endsWith('.long.test.ts') && !simulations.includes(file))
  .filter((file) => changesEnvironment.test(readFileSync(file, 'utf8')))

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
      { extends: true, test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: [long, ...alone] } },
      { extends: true, test: { name: 'fast-alone', include: alone, isolate: true } },
      {
        extends: true,
        test: {
          name: 'long',
          include: [long, ...simulations],
          testTimeout: 900_000,
          env: { CROSSTRAIL_MODEL_CASES: '600' },
        },
      },
    ],
  },
})
