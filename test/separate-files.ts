import { afterAll, vi } from 'vitest'

/*
 * Many test files run in one process, one after the other. Each file loads the sources again, because some modules keep state
 * for the whole process, such as secrets to mask. Packages stay loaded, because they take most of the time.
 */
vi.resetModules()

const before = { ...process.env }

afterAll(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  Object.assign(process.env, before)
})
