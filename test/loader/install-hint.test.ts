import { expect, test } from 'vitest'
import { installHint } from '../../src/loader/how-installed.ts'

test('the npm package is told how to install optional packages', () => {
  expect(installHint(['bullmq', 'ioredis'], 'npm')).toBe(
    'install them beside crosstrail: npm install bullmq ioredis (with --global if crosstrail was installed with --global)',
  )
})

test('the executable is told to use the npm package, because it cannot load packages', () => {
  const hint = installHint(['@duckdb/node-api'], 'executable')
  expect(hint).toContain('npm package')
  expect(hint).not.toContain('npm install')
})
