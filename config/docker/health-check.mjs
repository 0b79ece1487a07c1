// The HEALTHCHECK of the image: asks /healthz of --listen. A command without --listen is healthy for as long as it runs.
// Exit codes: 0 healthy · 1 unhealthy, with a line that says why
import { readFileSync } from 'node:fs'
import { get } from 'node:http'

const timeoutMs = 5000
const longestLine = 500

const commandLine = readFileSync(process.argv[2] ?? '/proc/1/cmdline', 'utf8').split('\0')
const at = commandLine.findIndex((word) => /(?:^|\/)crosstrail$/.test(word))
if (at === -1) end(1, 'PID 1 is not crosstrail, so this check cannot find out what to ask')
// What follows `--` belongs to another program.
const words = commandLine.slice(at + 1)
const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
const address = typed(own) ?? (own.some((word) => /^(?:pull|worker)$/.test(word)) ? process.env.CROSSTRAIL_LISTEN : '')
if (!address) end(0, 'running, without --listen')

const [, bracketed, plain, port] = /^(?:(?:\[([\da-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(address) ?? []
if (port === undefined) end(1, '--listen has an address that this check cannot read')
if (Number(port) === 0) end(1, '--listen takes a free port, which this check cannot know: give it a port')
const host = bracketed ?? plain ?? '127.0.0.1'
const asked = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host

setTimeout(() => end(1, `/healthz did not answer within ${timeoutMs / 1000} seconds`), timeoutMs)
get({ host: asked, port, path: '/healthz', agent: false }, (response) => {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (piece) => (text = (text + piece).slice(0, longestLine)))
  response.on('end', () => end(response.statusCode === 200 ? 0 : 1, text.trim()))
  response.on('error', (error) => end(1, `/healthz did not answer: ${error.message}`))
}).on('error', (error) => end(1, `/healthz did not answer: ${error.message}`))

/** The value of --listen among the arguments. */
function typed(words) {
  return words
    .flatMap((word, at) => {
      if (word === '--listen') return [words[at + 1] ?? '']
      return word.startsWith('--listen=') ? [word.slice('--listen='.length)] : []
    })
    .at(-1)
}

function end(code, line) {
  process.stdout.write(`${line}\n`)
  process.exit(code)
}
