import { execFileSync, spawnSync } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { nodeOfNpm } from './node-of-npm.ts'

/*
 * Runs the fast tests, and the installation of the package, on the other supported versions of Node. `npm run test:nodes -- test/work` runs
 * some of the fast tests.
 * npm keeps these versions of Node in its cache.
 */
const versions = ['22', '24']
const root = join(import.meta.dirname, '..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const installation = [vitest, 'run', '--project', 'long', 'test/package/install.long.test.ts']

const results = versions.map((version) => {
  const node = nodeOfNpm(version)
  const args = [vitest, 'run', '--project', 'fast*', ...process.argv.slice(2)]
  // Tests that look for Node on the PATH must find the same version.
  const env = { ...process.env, PATH: [dirname(node), process.env['PATH']].join(delimiter) }
  const suites = process.argv.length > 2 ? [args] : [args, installation]
  const failed = suites.filter((suite) => {
    const { status, error } = spawnSync(node, suite, { cwd: root, env, stdio: 'inherit' })
    if (error) throw error
    return status !== 0
  })
  return { version: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(), passed: failed.length === 0 }
})

for (const { version, passed } of results) console.log(`Node ${version}: ${passed ? 'passed' : 'failed'}`)
if (results.some(({ passed }) => !passed)) process.exitCode = 1
