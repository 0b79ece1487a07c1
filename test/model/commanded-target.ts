import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FaultName } from '../../src/lab/faults.ts'
import { dayMs, secondMs } from '../../src/trail/calendar.ts'
import type { ListedObject } from '../../src/trail/log-object.ts'
import { jsonLines } from '../e2e/support/crosstrail.ts'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'
import { clockFrom } from '../e2e/support/shifted-clock.ts'
import { filesOf, leftovers } from '../e2e/support/tree.ts'
import { type SimulatedTrail, startMs } from './simulated-trail.ts'

export interface CommandWeather {
  /** The probability of each fault for a call. A call is tried twice. */
  readonly faults: number
  /** The probability that a pull gets SIGKILL. */
  readonly kills: number
  /** The range of the error of the machine's clock. */
  readonly driftMs: number
}

/** Pulls must take all logs from this time on. */
export const sinceMs = startMs - dayMs

const faultNames: readonly FaultName[] = [
  'slowDown',
  'internalError',
  'resetBeforeHeaders',
  'resetMidBody',
  'shortBody',
  'wrongByte',
  'truncatedXml',
]

/** Runs the built command, which pulls the simulated trail over HTTP, at the trail's time, into a folder. Moves the files out of the folder. */
export class CommandedTarget {
  /** How often each log was written to the folder. */
  readonly taken = new Map<string, number>()
  pulls = 0
  kills = 0
  readonly #trail: SimulatedTrail
  readonly #random: () => number
  readonly #world: LabWorld
  readonly #to: string
  readonly #delivered = new Map<string, ListedObject>()
  readonly #clock: { driftMs: number }

  private constructor(
    trail: SimulatedTrail,
    random: () => number,
    { world, clock }: { world: LabWorld; clock: { driftMs: number } },
  ) {
    this.#trail = trail
    this.#random = random
    this.#world = world
    this.#clock = clock
    this.#to = world.newPath()
  }

  static async open(trail: SimulatedTrail, random: () => number): Promise<CommandedTarget> {
    // S3 refuses signatures made with a wrong clock, so its check uses the wrong clock too. The times of objects are correct.
    const clock = { driftMs: 0 }
    const world = await labWorld({ now: () => trail.nowMs + clock.driftMs, dates: () => trail.nowMs })
    return new CommandedTarget(trail, random, { world, clock })
  }

  async pull({ faults, kills, driftMs }: CommandWeather): Promise<void> {
    const { lab } = this.#world
    this.#clock.driftMs = (this.#random() - 0.5) * driftMs
    const args = ['pull', 'Z', '--to', this.#to, '--since', new Date(sinceMs).toISOString()]
    const { child, result } = this.#world.start([...args, '--max-attempts', '2', '--output', 'json'], {
      env: clockFrom(this.#trail.nowMs + this.#clock.driftMs),
    })
    const [isKilled, movesAway] = [this.#random() < kills, this.#random() < 0.5]
    const killAt = isKilled ? 1 + Math.floor(this.#random() * 12) : Infinity
    const delayMs = this.#random() * 30
    let calls = 0
    lab.setFaults({
      rules: faultNames.map((fault) => ({ fault, probability: faults })),
      hook: () => {
        this.#trail.advance(2 * secondMs)
        this.#deliver()
        if (++calls % 8 === 0) this.#trail.rush()
        if (calls === killAt) setTimeout(() => child.kill('SIGKILL'), delayMs)
        return undefined
      },
    })
    const { exitCode, signal, stderr } = await result
    this.pulls++
    if (signal !== null) this.kills++
    // With faults, objects or an account may fail, and nothing else.
    else if (exitCode !== 0 && (exitCode !== 1 || faults === 0)) throw new Error(`exit code ${exitCode}: ${stderr}`)
    if (signal === null || movesAway) this.#moveAway()
  }

  /** Returns the taken and the missing logs by `pull status`, and the temporary files that no run will use again. */
  async status() {
    const { stdout } = await this.#world.run(['pull', 'status', '--to', this.#to, '--output', 'json'])
    const sum = (field: string) => jsonLines(stdout).reduce((total, line) => total + Number(line[field]), 0)
    return { objects: sum('objects'), gaps: sum('gaps'), leftovers: leftovers(this.#to) }
  }

  close(): Promise<void> {
    return this.#world.stop()
  }

  /** Copies new objects of the trail to the lab's bucket. A log that is delivered twice has another date and the same content. */
  #deliver(): void {
    const bucket = this.#world.lab.bucket()
    for (const [key, object] of this.#trail.objects) {
      if (this.#delivered.get(key) === object) continue
      this.#delivered.set(key, object)
      bucket.put(key, bodyOf(key), { lastModifiedMs: object.lastModifiedMs })
    }
  }

  #moveAway(): void {
    if (!existsSync(this.#to)) return
    for (const key of filesOf(this.#to)) {
      const file = join(this.#to, key)
      if (!readFileSync(file).equals(bodyOf(key))) throw new Error(`${key} is not whole`)
      rmSync(file)
      this.taken.set(key, (this.taken.get(key) ?? 0) + 1)
    }
  }
}

function bodyOf(key: string): Buffer {
  return gzipSync(JSON.stringify({ Records: [{ eventID: key }] }))
}
