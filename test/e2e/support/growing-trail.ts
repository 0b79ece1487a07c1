import { hourMs, minuteMs } from '../../../src/trail/calendar.ts'
import { type AlteredStream, type AlteredTrail, trailFromMs, trailOf } from './altered-trail.ts'
import { type CommandResult, jsonLines } from './crosstrail.ts'
import { clockFrom } from './shifted-clock.ts'

const region = 'us-east-1'

/** A trail whose digests arrive as the clock of the lab and of the command goes on. All logs are there from the start. */
export class GrowingTrail {
  readonly trail: AlteredTrail
  readonly stream: AlteredStream
  /** The target of its pulls. */
  to: string
  /** The digests that have not arrived yet. */
  later: readonly { readonly endMs: number; readonly key: string; readonly put: () => void }[]
  readonly #clock: { nowMs: number }

  private constructor(trail: AlteredTrail, clock: { nowMs: number }) {
    this.trail = trail
    this.#clock = clock
    this.to = trail.world.newPath()
    const stream = trail.stream(region)
    this.stream = stream
    this.later = stream.digests.map((key, at) => {
      const body = stream.body(key)
      const metadata = stream.metadata(key)
      stream.remove(key)
      const put = () => trail.world.lab.bucket().put(key, body, { metadata })
      return { endMs: trailFromMs + (at + 1) * hourMs, key, put }
    })
  }

  static async start(): Promise<GrowingTrail> {
    const clock = { nowMs: trailFromMs }
    return new GrowingTrail(await trailOf([region], 60, { now: () => clock.nowMs }), clock)
  }

  /** The environment of a command, with the clock of the trail. */
  get env() {
    return clockFrom(this.#clock.nowMs)
  }

  /** The arguments of a pull that verifies. */
  get args(): readonly string[] {
    return ['pull', 'Z', '--config', this.trail.config, '--to', this.to, '--since', '2026-11-01', '--verify']
  }

  /** Sets the clock to so many hours after the start of the trail. A digest arrives five minutes after its period. */
  goTo(hours: number): void {
    const nowMs = trailFromMs + hours * hourMs
    this.#clock.nowMs = nowMs
    const isThere = ({ endMs }: { readonly endMs: number }) => endMs + 5 * minuteMs <= nowMs
    for (const digest of this.later) if (isThere(digest)) digest.put()
    this.later = this.later.filter((digest) => !isThere(digest))
  }

  pull(...more: readonly string[]): Promise<CommandResult> {
    return this.trail.world.run([...this.args, ...more, '--output', 'json'], { env: this.env })
  }

  /** The fields of `pull status`, by kind. */
  async status(): Promise<Record<string, Record<string, unknown>>> {
    const args = ['pull', 'status', '--to', this.to, '--output', 'json']
    const { stdout } = await this.trail.world.run(args, { env: this.env })
    return Object.fromEntries(jsonLines(stdout).map((row) => [String(row['kind']), row]))
  }

  /** Logs that were delivered before that hour, but not in the minute before it: they may be in a later digest. */
  logsBefore(hours: number): string[] {
    return this.stream.logs.filter((key) => deliveredAt(key) < trailFromMs + hours * hourMs - minuteMs)
  }
}

export function rows({ stdout }: CommandResult, type: string): Record<string, unknown>[] {
  return jsonLines(stdout).filter((row) => row['type'] === type)
}

/** The keys of the logs that were verified. */
export function verified(result: CommandResult): string[] {
  return rows(result, 'log')
    .filter(({ state }) => state === 'verified')
    .map(({ key }) => String(key))
}

export function findings(result: CommandResult): string[] {
  return rows(result, 'finding').map(({ code }) => String(code))
}

export function deliveredAt(key: string): number {
  const [, day = '', time = ''] = /_(\d{8})T(\d{4})Z_/.exec(key) ?? []
  return Date.parse(`${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)/, '$1:')}Z`)
}
