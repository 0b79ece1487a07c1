// tsc writes files that cannot be run by their name.
import { chmodSync } from 'node:fs'

chmodSync(new URL('../dist/bin.cjs', import.meta.url), 0o755)
