import { execFileSync, spawnSync } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { nodeOfNpm } from './node-of-npm.ts'

/*
 * Runs the fast tests on the other supported versions of Node. `npm run test:nodes -- test/work` runs some of them.
 * npm keeps these versions of Node in its cache.
 */
const versions = ['22', '24']
const root = join(import.meta.dirname, '..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')

const results = versions.map((version) => {
  const node = nodeOfNpm(version)
  const args = [vitest, 'run', '--project', 'fast*', ...process.argv.slice(2)]
  // Tests that look for Node on the PATH must find the same version.
  const env = { ...process.env, PATH: [dirname(node), process.env['PATH']].join(delimiter) }
  const { status, error } = spawnSync(node, args, { cwd: root, env, stdio: 'inherit' })
  if (error) throw error
  return { version: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(), passed: status === 0 }
})

for (const { version, passed } of results) console.log(`Node ${version}: ${passed ? 'passed' : 'failed'}`)
if (results.some(({ passed }) => !passed)) process.exitCode = 1
