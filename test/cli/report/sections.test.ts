import { describe, expect, it } from 'vitest'
import { reportJson } from '../../../src/cli/render/report/json.ts'
import { reportPage } from '../../../src/cli/render/report/page.ts'
import { accountId } from './map-fixture.ts'
import { emptyFigures, figures } from './figures-fixture.ts'
import { pageText } from './page-text.ts'

const text = (some: typeof figures) => pageText(reportPage(some))

describe('the sections of a report', () => {
  it('say what it means that they are empty', () => {
    const page = text(emptyFigures)
    for (const sentence of [
      'This report is about logs delivered from',
      'No log and no digest was found.',
      'No log and no digest was found in the window, so there is nothing to add up.',
      'No digest in the window says when the events of a log happened, so the delay is unknown.',
      'No stream has a log or a digest in the window.',
      'No runs were found:',
      'The events inside the logs were not read. --events counts them.',
    ]) {
      expect(page).toContain(sentence)
    }
    expect(page).not.toContain('Protection of the bucket')
    expect(page).not.toContain('Most frequent')
  })

  it('say so if there are logs but no digests', () => {
    const page = text({ ...figures, chains: [], keys: [] })
    expect(page).toContain('No digests were found in the window, so nothing proves the logs.')
    expect(page).toContain('No public key proved a digest.')
  })

  it('group findings by code, with what to do and the command', () => {
    const page = text(figures)
    expect(page).toContain(
      `report.silent 2 findings\nno logs for 3 days, and no digest says that there were none\nlog account ${accountId(2)} · us-east-1 · from 2026-11-20 00:00 UTC until 2026-11-23 00:00 UTC\n`,
    )
    expect(page).toContain(
      `until 2026-11-06 00:00 UTC\ncheck in the account whether the trail still logs this region\ncrosstrail doctor C\n`,
    )
    expect(page.indexOf('verify.log-missing')).toBeLessThan(page.indexOf('report.silent'))
  })

  it('give each finding its own advice and command if they differ', () => {
    const findings = figures.findings.map((finding, at) => ({
      ...finding,
      code: 'report.silent',
      advice: `advice ${at}`,
      command: `command ${at}`,
    }))
    const page = text({ ...figures, findings, findingCounts: { 'report.silent': 4 } })
    for (const at of findings.keys()) expect(page).toContain(`\nadvice ${at}\ncommand ${at}\n`)
  })

  it('count findings that are not on the page, also those of a code of which there is none', () => {
    const page = text({ ...figures, findingCounts: { ...figures.findingCounts, 'report.silent': 3, 'report.late': 7 } })
    expect(page).toContain('Findings (12)')
    expect(page).toContain('This page has the 4 most important findings. The counts include the other 8')
    expect(page).toContain('1 further finding is not on this page.')
    expect(page).toContain('report.late 7 findings\n7 further findings are not on this page.')
  })

  it('have the chains with problems first', () => {
    const page = text({ ...figures, chains: figures.chains.toReversed() })
    expect(page).toContain('2 of 3 chains of digests have problems.')
    const results = [...page.matchAll(/organization-trail\n(\w+)/g)].map(([, result]) => result)
    expect(results).toEqual(['problems', 'problems', 'proven'])
  })

  it('a chain is not proven if a log was not verified, unless no log was read', () => {
    const chains = figures.chains.slice(2).map((chain) => ({ ...chain, logsVerified: chain.logsListed - 1 }))
    expect(text({ ...figures, chains })).toContain('1 of 1 chain of digests has problems.')
    const digests = text({ ...figures, chains, scope: { ...figures.scope, integrity: 'digests' } })
    expect(digests).toContain('1 chain of digests: no problem was found in it.')
  })

  it('have the stream first that has had no log for the longest time', () => {
    const page = text(figures)
    const newest = [...page.slice(page.indexOf('\nKey of the newest')).matchAll(/\nevents\n(2026-\S+ \S+)\n/g)]
    expect(newest.map(([, instant]) => instant)).toEqual([
      '2026-11-28 09:12',
      '2026-11-29 23:50:12',
      '2026-11-29 23:55',
    ])
  })

  it('say that a setting of the bucket is unknown if the role may not read it', () => {
    expect(text(figures)).toContain(
      'MFA delete\nunknown\nThe role may not read this setting, so this report cannot say whether it protects the logs.',
    )
  })

  it('reportJson is one line of JSON with all figures', () => {
    const json = reportJson({ ...figures, crosstrail: 'a\u202eb\n' })
    expect(json).toMatch(/^[\x20-\x7e]*$/)
    expect(JSON.parse(json)).toEqual({ ...figures, crosstrail: 'a\u202eb\n' })
  })
})
