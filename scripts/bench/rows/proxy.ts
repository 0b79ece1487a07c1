import { compare } from '../compare.ts'
import type { Entrant } from '../entrant.ts'
import { peers, slowPeers } from '../peers.ts'
import type { Proxy } from '../proxy-process.ts'
import type { Bench, Row, Section, Verdict } from '../section.ts'
import { spreadOf } from '../statistics.ts'
import { crosstrail, demandFiles, withCheck } from '../tools.ts'
import { realTree } from '../trees.ts'
import { withProxiedWorld } from '../world.ts'
import { download, wall } from './download-row.ts'

/** All requests, including those to STS, through the proxy of HTTPS_PROXY. */
export const proxyRow: Pick<Row, 'notes' | 'scheme' | 'run'> = {
  notes: [
    'The same commands, 64 at once, with `HTTPS_PROXY`; the proxy (`scripts/bench/connect-proxy.ts`) is a process of its own in Node, and opens a tunnel for each connection',
  ],
  scheme: 'https',
  run: (bench) => {
    const objects = 20_000 / bench.divisor
    return withProxiedWorld(
      { ...realTree(bench.memory, objects), latencyMs: 0, below: bench.memory },
      ({ env, s3 }, proxy) =>
        throughProxy(bench, objects, proxy, [crosstrail(env, download), ...peers(s3, 64).download(slowPeers)]),
    )
  },
}

async function throughProxy(
  { rounds, against, memory }: Bench,
  objects: number,
  proxy: Proxy,
  entrants: readonly Entrant[],
): Promise<Section> {
  const meters = new Map(entrants.map((entrant) => [entrant.tool, new ProxyMeter(proxy)]))
  const metered = entrants.map((entrant) => {
    const meter = meters.get(entrant.tool)
    return meter === undefined ? entrant : meter.around(withCheck(entrant, demandFiles(objects)))
  })
  const section = await compare(
    { objects, reach: [wall('rclone', 1)], entrants: metered },
    { rounds, against, below: memory },
  )
  return { ...section, verdicts: [...section.verdicts, busyVerdict(section, meters)] }
}

/** The CPU that the proxy takes in each run of a tool. */
class ProxyMeter {
  readonly #proxy: Proxy
  #startedAt = 0
  readonly cpuSeconds: number[] = []

  constructor(proxy: Proxy) {
    this.#proxy = proxy
  }

  around(entrant: Entrant): Entrant {
    return {
      ...entrant,
      command: (...where) => {
        this.#startedAt = this.#proxy.cpuSeconds()
        return entrant.command(...where)
      },
      check: (folder) => {
        this.cpuSeconds.push(this.#proxy.cpuSeconds() - this.#startedAt)
        entrant.check?.(folder)
      },
    }
  }
}

/** If the proxy were busy all the time, the row would measure the proxy. */
function busyVerdict({ bars = [] }: Section, meters: ReadonlyMap<string, ProxyMeter>): Verdict {
  const shares = bars.map(({ name, wallSeconds }) => ({
    name,
    share: spreadOf(meters.get(name)?.cpuSeconds ?? []).median / wallSeconds,
  }))
  return {
    what: 'the proxy is busy for less than 70 % of the time, so that it does not set the pace',
    got: shares.map(({ name, share }) => `${(share * 100).toFixed(0)} % with ${name}`).join(', '),
    reached: shares.every(({ share }) => share < 0.7),
  }
}
