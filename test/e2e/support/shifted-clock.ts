import type { Environment } from './crosstrail.ts'

/** An environment in which the clock of a command starts at that instant. */
export function clockFrom(instantMs: number): Environment {
  const program = `
    const RealDate = Date
    const shiftMs = ${Math.round(instantMs)} - RealDate.now()
    globalThis.Date = class Date extends RealDate {
      static now() { return RealDate.now() + shiftMs }
      constructor(...given) { super(...(given.length === 0 ? [RealDate.now() + shiftMs] : given)) }
    }`
  const url = `data:text/javascript;base64,${Buffer.from(program).toString('base64')}`
  return { NODE_OPTIONS: `--import=${url}` }
}
