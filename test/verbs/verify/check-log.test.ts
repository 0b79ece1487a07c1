import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { CrosstrailError } from '../../../src/error.ts'
import { checkLog, type LogRules } from '../../../src/verbs/verify/check-log.ts'
import { logAccount, region, sha256Of } from './chain-builder.ts'

const text = Buffer.from('{"Records":[{"eventID":"1"},{"eventID":"2"}]}')
const whole = gzipSync(text)
const chain = { logAccount, region, trailName: 'audit', homeRegion: region, backfill: false }
const listed = { bucket: 'b', key: 'log.json.gz', sha256: sha256Of(text), digestKey: 'digest.json.gz', chain }
const limits: LogRules = { maxInflatedBytes: 1000, mayBePlain: false }

const check = (body: Uint8Array, rules: Partial<LogRules> = {}) => checkLog(body, listed, { ...limits, ...rules })
const found = (body: Uint8Array) => check(body).findings.map(({ code, message }) => `${code}: ${message}`)
const malformed = (why: string) => `verify.log-malformed: the log log.json.gz is damaged: ${why}`
const complete = '; the bytes that it should have are all there'
const changed =
  'verify.log-hash: the log log.json.gz was changed: its hash differs from the one that digest.json.gz lists'

describe('a log', () => {
  test('with the listed hash has no findings, however it was zipped', () => {
    for (const body of [whole, gzipSync(text, { level: constants.Z_NO_COMPRESSION }), gzipSync(text, { level: 9 })]) {
      expect(check(body)).toEqual({ sha256: listed.sha256, members: 1, findings: [] })
    }
  })

  test('of several members whose bytes hash right has no findings, and the members are counted', () => {
    const halves = Buffer.concat([gzipSync(text.subarray(0, 9)), gzipSync(text.subarray(9))])
    expect(check(halves)).toEqual({ sha256: listed.sha256, members: 2, findings: [] })
    expect(check(Buffer.concat([whole, gzipSync('')])).members).toBe(2)
  })

  test('with a header of all optional fields is unzipped', () => {
    const flags = Buffer.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3])
    const fields = Buffer.concat([Buffer.from([3, 0, 1, 2, 3]), Buffer.from('name\0comment\0'), Buffer.alloc(2)])
    const body = Buffer.concat([flags, fields, deflateRawSync(text), whole.subarray(-8)])
    // The checksum of the header is wrong, which zlib refuses and which does not concern the log's bytes.
    expect(check(body).sha256).toBe(listed.sha256)
  })

  test('that was changed has another hash', () => {
    expect(found(gzipSync('{"Records":[]}'))).toEqual([changed])
    expect(found(Buffer.concat([whole, gzipSync('more')]))).toEqual([changed])
  })

  test('that is truncated is found, also if only the end of the gzip format is missing', () => {
    expect(found(whole.subarray(0, 20))).toEqual([malformed('it ends early')])
    expect(found(whole.subarray(0, 5))).toEqual([malformed('it ends early')])
    expect(found(whole.subarray(0, -8))).toEqual([malformed(`it ends early${complete}`)])
    expect(found(Buffer.alloc(0))).toEqual([malformed('it is empty')])
  })

  test('that other data follow is found, also if its own bytes hash right', () => {
    expect(found(Buffer.concat([whole, Buffer.from('x')]))).toEqual([
      malformed(`1 byte of other data follow it${complete}`),
    ])
    expect(found(Buffer.concat([whole, Buffer.alloc(512)]))).toEqual([
      malformed(`512 bytes of other data follow it${complete}`),
    ])
    expect(found(Buffer.concat([whole, whole.subarray(0, 12)]))).toEqual([
      malformed(`12 bytes of other data follow it${complete}`),
    ])
    expect(found(Buffer.concat([gzipSync('{}'), Buffer.from('x')]))).toEqual([
      malformed('1 byte of other data follow it'),
      changed,
    ])
  })

  test('whose checksum or length is wrong is found', () => {
    for (const at of [whole.length - 8, whole.length - 1]) {
      const body = Buffer.from(whole)
      body[at] = (body[at] ?? 0) ^ 1
      expect(found(body)).toEqual([malformed(`its checksum does not fit its bytes${complete}`)])
    }
  })

  test('that is no gzip is found, except in a mirror that unzips', () => {
    expect(found(text)).toEqual([malformed('it is not gzip')])
    expect(check(text, { mayBePlain: true })).toEqual({ sha256: listed.sha256, members: 0, findings: [] })
    expect(check(whole, { mayBePlain: true }).members).toBe(1)
    expect(check(Buffer.from('{}'), { mayBePlain: true }).findings.map(({ code }) => code)).toEqual(['verify.log-hash'])
  })

  test('that inflates to more than the limit is no finding but an error', () => {
    const big = gzipSync(Buffer.alloc(2000))
    for (const body of [big, Buffer.concat([big, Buffer.from('x')])]) {
      expect(() => check(body)).toThrow(CrosstrailError)
      expect(() => check(body)).toThrow('inflates to more than 1000 bytes')
    }
  })
})
