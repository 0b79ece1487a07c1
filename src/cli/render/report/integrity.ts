import type { ChainIntegrity, KeyUse, ReportFigures } from '../../../verbs/report/figures.ts'
import { formatCount } from '../quantity.ts'
import { html, type Content } from './html.ts'
import { emptyNote, type Section } from './section.ts'
import { countColumn, table } from './table.ts'
import { counted, instantCell } from './words.ts'

const mostChains = 1000

type Checked = 'logs' | 'digests'

/** What the digests prove, and with which public keys. */
export function integritySection(figures: ReportFigures): Section {
  const section = { id: 'integrity', title: 'Integrity' }
  const { chains, keys, scope } = figures
  if (scope.integrity === 'none') {
    return {
      ...section,
      body: emptyNote(
        'Nothing was proven, because there were no public keys to check digests with. This section says nothing about whether logs are complete and unchanged.',
      ),
    }
  }
  return { ...section, body: [meaning(scope.integrity), chainsPart(chains, scope.integrity), keysPart(keys)] }
}

function meaning(integrity: Checked): Content {
  return integrity === 'logs'
    ? html`<p>
        Digests were checked with CloudTrail’s public keys, and logs were compared with the hashes in their digests.
      </p>`
    : html`<p>
        Digests were checked with CloudTrail’s public keys. The logs were not read, so this report cannot show whether a
        log was changed. <code>--verify</code> compares their hashes.
      </p>`
}

function chainsPart(chains: readonly ChainIntegrity[], integrity: Checked): Content {
  if (chains.length === 0) return emptyNote('No digests were found in the window, so nothing proves the logs.')
  const problems = chains.filter((chain) => !isProven(chain, integrity))
  const sorted = [...problems, ...chains.filter((chain) => isProven(chain, integrity))]
  const shown = sorted.slice(0, mostChains)
  const left = sorted.length - shown.length
  const badLeft = Math.max(problems.length - shown.length, 0)
  const logsVerified = countColumn<ChainIntegrity>('Logs verified', (chain) => chain.logsVerified)
  return [
    html`<p>${chainsSentence(chains.length, problems.length)}</p>`,
    left > 0 &&
      html`<p>
        The table has ${formatCount(shown.length)} of them, chains with problems first.
        ${counted(left, 'chain is', 'chains are')} left out,
        ${badLeft === 0 ? 'none of them with problems' : `${formatCount(badLeft)} of them with problems`}.
        <code>crosstrail report --output json</code> prints all of them.
      </p>`,
    table<ChainIntegrity>({
      caption: 'Integrity of each chain of digests',
      columns: [
        { title: 'Log account', cell: ({ logAccount }) => logAccount },
        { title: 'Region', cell: ({ region }) => region },
        { title: 'Trail', long: true, cell: ({ trail }) => trail },
        { title: 'Result', cell: (chain) => result(chain, integrity) },
        countColumn('Digests expected', ({ digestsExpected }) => digestsExpected),
        countColumn('Digests proven', ({ digestsProven }) => digestsProven),
        countColumn('Digests unsigned', ({ digestsUnsigned }) => digestsUnsigned),
        countColumn('Digests missing', ({ digestsMissing }) => digestsMissing),
        countColumn('Digests pending', ({ digestsPending }) => digestsPending),
        countColumn('Logs listed', ({ logsListed }) => logsListed),
        countColumn('Logs missing', ({ logsMissing }) => logsMissing),
        ...(integrity === 'logs' ? [logsVerified] : []),
        { title: 'Proven until (UTC)', number: true, cell: ({ provenUntil }) => instantCell(provenUntil) },
      ],
      rows: shown,
    }),
  ]
}

function chainsSentence(chains: number, problems: number): string {
  if (problems === 0)
    return `${counted(chains, 'chain')} of digests: no problem was found in ${chains === 1 ? 'it' : 'any of them'}.`
  return `${formatCount(problems)} of ${counted(chains, 'chain')} of digests ${problems === 1 ? 'has' : 'have'} problems.`
}

/** Digests that are not due yet are no problem. */
function isProven(chain: ChainIntegrity, integrity: Checked): boolean {
  const { digestsExpected, digestsProven, digestsPending, digestsUnsigned, digestsMissing } = chain
  if (digestsUnsigned + digestsMissing > 0 || digestsProven + digestsPending < digestsExpected) return false
  return chain.logsMissing === 0 && (integrity === 'digests' || chain.logsVerified >= chain.logsListed)
}

function result(chain: ChainIntegrity, integrity: Checked): Content {
  return isProven(chain, integrity) ? html`<span class="good">proven</span>` : html`<span class="bad">problems</span>`
}

function keysPart(keys: readonly KeyUse[]): Content {
  if (keys.length === 0) return emptyNote('No public key proved a digest.')
  return table<KeyUse>({
    caption: 'Public keys that prove the digests',
    columns: [
      { title: 'Fingerprint', cell: ({ fingerprint }) => html`<code>${fingerprint}</code>` },
      { title: 'Region', cell: ({ region }) => region ?? 'not known' },
      countColumn('Digests', ({ digests }) => digests),
      { title: 'Valid from (UTC)', number: true, cell: ({ validFrom }) => instantCell(validFrom) },
      { title: 'Valid until (UTC)', number: true, cell: ({ validUntil }) => instantCell(validUntil) },
      { title: 'Source', long: true, cell: ({ source }) => source },
    ],
    rows: keys,
  })
}
