// npm run check:release: shows what must hold before a release, one line each. Exits with 1 if anything fails. docs/RELEASING.md has the steps.
import { resolve } from 'node:path'
import { releaseChecks, runChecks } from './release/checks.ts'

const passed = runChecks(resolve(import.meta.dirname, '..'), releaseChecks, (line) => console.log(line))
if (!passed) process.exitCode = 1
