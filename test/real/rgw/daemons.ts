import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A new folder and its daemons. They end with this process, however it ends. */
export interface Daemons {
  readonly folder: string
  start(program: string, args: readonly string[]): void
  /** Returns the daemons that ended by themselves, as "program (exit code or signal)". */
  ended(): readonly string[]
  /** Kills the daemons, waits for their end and removes the folder. */
  stop(): Promise<void>
}

export function openDaemons(name: string): Daemons {
  const folder = mkdtempSync(path.join(tmpdir(), `${name}-`))
  const guard = startGuard(folder)
  const running = new Map<ChildProcess, string>()
  return {
    folder,
    start(program, args) {
      const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, CEPH_ARGS: '' } })
      child.on('error', (error) => running.set(child, error.message))
      running.set(child, program)
      if (child.pid !== undefined) guard.stdin.write(`${child.pid}\n`)
    },
    ended() {
      const gone = [...running].filter(([child]) => hasEnded(child))
      return gone.map(([child, program]) => `${program} (${child.signalCode ?? child.exitCode})`)
    },
    async stop() {
      await Promise.all([...running.keys()].map(kill))
      running.clear()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
      await kill(guard)
    },
  }
}

const guardScript = `
while read -r pid; do pids="$pids $pid"; done
kill -9 $pids
sleep 0.2
rm -rf "$1"
`

/**
 * A shell in its own session that reads pids. Its input ends with this process, even after SIGKILL. Then it kills the pids and removes the
 * folder.
 */
function startGuard(folder: string) {
  const guard = spawn('sh', ['-c', guardScript, 'guard', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  return guard
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return
  const end = once(child, 'exit')
  child.kill('SIGKILL')
  await end
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
