import { defineConfig } from 'vitest/config'

const long = 'test/**/*.long.test.ts'
const simulation = 'test/model/pull.test.ts'

export default defineConfig({
  test: {
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_EC2_METADATA_DISABLED: 'true' },
    projects: [
      { extends: true, test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: [long] } },
      { extends: true, test: { name: 'long', include: [long, simulation], env: { CROSSTRAIL_MODEL_CASES: '600' } } },
    ],
  },
})
