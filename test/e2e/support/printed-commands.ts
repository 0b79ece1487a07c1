import { suggestionsIn, tryCommand } from '../../suggestions.ts'

/** Rejects if a printed command does not run as printed. */
export async function checkPrinted(args: readonly string[], stdout: string, stderr: string): Promise<void> {
  // A completion script is for a shell, and help shows commands with placeholders
  if (args.includes('completion') || args.includes('--help') || args.includes('-h') || stdout.startsWith('crosstrail '))
    return
  const texts = `${stdout}\n${stderr}`.split('\n').flatMap(textsOf)
  for (const text of texts.filter((line) => line.includes('crosstrail '))) {
    for (const command of suggestionsIn(text)) {
      try {
        await tryCommand(command)
      } catch (cause) {
        throw new Error(`a printed command cannot be run: ${command}`, { cause })
      }
    }
  }
}

/** In a line of JSON, each text is checked. */
function textsOf(line: string): string[] {
  if (!line.startsWith('{')) return [line]
  try {
    return strings(JSON.parse(line))
  } catch {
    return [line]
  }
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []
}
