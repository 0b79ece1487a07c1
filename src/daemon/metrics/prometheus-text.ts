/** One measured value. Label values can be any text. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** A metric with one name, one meaning and one unit. Names of counters end with `_total`. */
export interface MetricFamily {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  /** Its meaning, as a sentence without a period. */
  readonly help: string
  readonly samples: readonly Sample[]
}

export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** Writes text format 0.0.4 of https://prometheus.io/docs/instrumenting/exposition_formats/. Leaves out families without samples. */
export function prometheusText(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`)}`,
      `# TYPE ${name} ${type}`,
      ...samples.map((sample) => `${name}${labelText(sample.labels)} ${valueText(sample.value)}`),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function labelText(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value
    .toWellFormed()
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`)
}

function valueText(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
