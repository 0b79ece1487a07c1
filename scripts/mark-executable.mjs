// tsc writes files without the permission to execute them.
import { chmodSync } from 'node:fs'

chmodSync(new URL('../dist/bin.cjs', import.meta.url), 0o755)
