import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { signatureText } from '../../../src/disk/signature-file.ts'
import { openEvidence, type Evidence, type EvidenceOptions } from '../../../src/sinks/evidence/evidence.ts'
import type { EvidenceReport } from '../../../src/sinks/evidence/report.ts'
import type { EvidenceRun } from '../../../src/sinks/evidence/run-facts.ts'

export const run: EvidenceRun = {
  version: '1.2.3',
  command: ['crosstrail', 'verify', 'B', '--evidence', 'my evidence'],
  startedMs: Date.UTC(2026, 10, 1, 12),
  finishedMs: Date.UTC(2026, 10, 1, 13),
  sessions: ['arn:aws:sts::111111111111:assumed-role/Logs/crosstrail'],
}

export const report: EvidenceReport = {
  summary: { place: 's3://trail-bucket', digestsVerified: 3 },
  publicKeys: [{ fingerprint: '0123456789abcdef0123456789abcdef', source: 'ListPublicKeys of us-east-1' }],
  chains: [{ chain: '111122223333/us-east-1/audit', missing: 0, verifiedUntil: '2026-11-01T12:00:00Z' }],
}

export function open(folder: string, options: Partial<EvidenceOptions> = {}): Evidence {
  return openEvidence({ folder, env: {}, ...options })
}

/** Checks a bag with sha256sum, and that it has no files that its manifest does not list. Returns the listed paths. */
export function checkedPaths(folder: string): string[] {
  for (const manifest of ['tagmanifest-sha256.txt', 'manifest-sha256.txt']) {
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', manifest], { cwd: folder, stdio: 'pipe' })
  }
  const lines = readFileSync(join(folder, 'manifest-sha256.txt'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => line.slice(66)).sort()
}

export function text(folder: string, path: string): string {
  return readFileSync(join(folder, path), 'utf8')
}

export const signed = signatureText({
  'x-amz-meta-signature': 'ab12',
  'x-amz-meta-signature-algorithm': 'SHA256withRSA',
})
