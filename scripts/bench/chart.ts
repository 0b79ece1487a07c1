import type { Bar, GrowthPoint } from './section.ts'

const colors = { wall: '#2b6cb0', cpu: '#dd8452', text: '#888' }
const width = 720
/** The x position at which bars begin, after their names. */
const barsAt = 170

/** Wall and CPU seconds of each tool, as SVG. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.flatMap(({ wallSeconds, cpuSeconds }) => [wallSeconds, cpuSeconds]))
  const length = (seconds: number) => (seconds / most) * (width - barsAt - 100)
  const rows = bars.flatMap(({ name, wallSeconds, cpuSeconds }, index) => {
    const y = 50 + index * 46
    return [
      label(barsAt - 10, y + 22, name, 'end'),
      ...[
        { seconds: wallSeconds, color: colors.wall, y },
        { seconds: cpuSeconds, color: colors.cpu, y: y + 18 },
      ].flatMap((bar) => [
        `<rect x="${barsAt}" y="${bar.y}" width="${length(bar.seconds).toFixed(1)}" height="15" fill="${bar.color}"/>`,
        label(barsAt + 6 + length(bar.seconds), bar.y + 12, `${bar.seconds.toFixed(2)} s`),
      ]),
    ]
  })
  return svg(60 + bars.length * 46, [...heading(title, { wall: 'wall', cpu: 'CPU' }), ...rows])
}

/** Time per object and peak memory over the number of objects, on a logarithmic scale. */
export function growthChart(title: string, points: readonly GrowthPoint[]): string {
  const [left, right, top, bottom] = [70, width - 70, 60, 300]
  const exponents = points.map(({ objects }) => Math.log10(objects))
  const [first, last] = [Math.min(...exponents), Math.max(...exponents)]
  const x = (objects: number) => left + ((Math.log10(objects) - first) / Math.max(last - first, 1)) * (right - left)
  const line = (values: readonly number[], color: string, unit: string, labelAt: number) => {
    const most = Math.max(...values) * 1.3
    const places = points.map(({ objects }, index) => ({
      x: x(objects),
      y: bottom - ((values[index] ?? 0) / most) * (bottom - top),
      value: values[index] ?? 0,
    }))
    return [
      `<polyline fill="none" stroke="${color}" stroke-width="2" points="${places.map((at) => `${at.x.toFixed(1)},${at.y.toFixed(1)}`).join(' ')}"/>`,
      ...places.flatMap((at) => [
        `<circle cx="${at.x.toFixed(1)}" cy="${at.y.toFixed(1)}" r="4" fill="${color}"/>`,
        label(at.x, at.y + labelAt, `${at.value.toFixed(0)} ${unit}`, 'middle'),
      ]),
    ]
  }
  return svg(340, [
    ...heading(title, { wall: 'µs an object', cpu: 'peak MB' }),
    `<line x1="${left}" y1="${bottom}" x2="${right}" y2="${bottom}" stroke="${colors.text}"/>`,
    ...points.map(({ objects }) => label(x(objects), bottom + 20, objects.toLocaleString('en'), 'middle')),
    ...line(
      points.map(({ microsecondsPerObject }) => microsecondsPerObject),
      colors.wall,
      'µs',
      20,
    ),
    ...line(
      points.map(({ peakMegabytes }) => peakMegabytes),
      colors.cpu,
      'MB',
      -10,
    ),
  ])
}

function heading(title: string, legend: { readonly wall: string; readonly cpu: string }): string[] {
  return [
    `<text x="20" y="24" font-size="16" font-weight="bold" fill="${colors.text}">${title}</text>`,
    `<rect x="${width - 220}" y="30" width="12" height="12" fill="${colors.wall}"/>`,
    label(width - 202, 40, legend.wall),
    `<rect x="${width - 100}" y="30" width="12" height="12" fill="${colors.cpu}"/>`,
    label(width - 82, 40, legend.cpu),
  ]
}

function label(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end' = 'start'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="12" text-anchor="${anchor}" fill="${colors.text}">${text}</text>`
}

function svg(height: number, parts: readonly string[]): string {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif">`
  return `${[open, ...parts, '</svg>'].join('\n')}\n`
}
