#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { main } from './cli/main.ts'

// Left to itself V8 lets garbage grow to thrice what is alive before it collects, and pages of a listing are mostly that.
setFlagsFromString('--heap-growing-percent=100')

process.exit(await main(process.argv.slice(2), process))
