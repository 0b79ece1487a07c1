import type { ChainIntegrity, KeyUse, ReportFigures } from '../../../verbs/report/figures.ts'
import { formatCount } from '../quantity.ts'
import { html, type Content } from './html.ts'
import { emptyNote, type Section } from './section.ts'
import { countColumn, table } from './table.ts'
import { counted, instantCell } from './words.ts'

const mostChains = 1000

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

function meaning(integrity: 'logs' | 'digests'): Content {
  return integrity === 'logs'
    ? html`<p>
        Every digest was checked with CloudTrail’s public keys, and every log was compared with the hash in its digest.
      </p> `
    : html`<p>
        Every digest was checked with CloudTrail’s public keys. The logs were not read, so this report cannot show
        whether a log was changed. <code>--verify</code> compares their hashes.
      </p> `
}

function chainsPart(chains: readonly ChainIntegrity[], integrity: 'logs' | 'digests'): Content {
  if (chains.length === 0) return emptyNote('No digests were found in the window, so nothing proves the logs.')
  const problems = chains.filter((chain) => !isProven(chain))
  const sorted = [...problems, ...chains.filter(isProven)]
  const shown = sorted.slice(0, mostChains)
  const left = sorted.length - shown.length
  const badLeft = Math.max(problems.length - shown.length, 0)
  const logsVerified = countColumn<ChainIntegrity>('Logs verified', (chain) => chain.logsVerified)
  return [
    html`<p>${chainsSentence(chains.length, problems.length)}</p> `,
    left > 0 &&
      html`<p>
        The table has ${formatCount(shown.length)} of them, chains with problems first.
        ${counted(left, 'chain is', 'chains are')} left out,
        ${badLeft === 0 ? 'none of them with problems' : `${formatCount(badLeft)} of them with problems`}.
        <code>crosstrail report --output json</code> prints all of them.
      </p> `,
    table<ChainIntegrity>({
      caption: 'Integrity of each chain of digests',
      columns: [
        { title: 'Log account', cell: ({ logAccount }) => logAccount },
        { title: 'Region', cell: ({ region }) => region },
        { title: 'Trail', long: true, cell: ({ trail }) => trail },
        { title: 'Result', cell: (chain) => result(chain) },
        countColumn('Digests expected', ({ digestsExpected }) => digestsExpected),
        countColumn('proven', ({ digestsProven }) => digestsProven),
        countColumn('unsigned', ({ digestsUnsigned }) => digestsUnsigned),
        countColumn('missing', ({ digestsMissing }) => digestsMissing),
        countColumn('pending', ({ digestsPending }) => digestsPending),
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
function isProven(chain: ChainIntegrity): boolean {
  const { digestsExpected, digestsProven, digestsPending, digestsUnsigned, digestsMissing, logsMissing } = chain
  return digestsUnsigned + digestsMissing + logsMissing === 0 && digestsProven + digestsPending >= digestsExpected
}

function result(chain: ChainIntegrity): Content {
  return isProven(chain) ? html`<span class="good">proven</span>` : html`<span class="bad">problems</span>`
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
