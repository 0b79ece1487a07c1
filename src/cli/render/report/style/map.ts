import { statesWorstFirst } from '../map/states.ts'

const strokes = statesWorstFirst
  .filter((state) => state !== 'none')
  .map((state) => `path.${state}{stroke:var(--${state})}`)
  .join('')

/** The heat map. A row is 16 pixels high, as the names of the regions beside it. */
export const map = `
${strokes}
.shapes{position:absolute}
.swatch{vertical-align:-.1875rem;margin-right:.25rem;stroke-width:8}
.swatch .frame{fill:none;stroke:var(--line);stroke-width:1}
.state{display:inline-block;width:8rem}
.meaning{display:inline-block;width:calc(100% - 8.5rem);vertical-align:top}
th:has(.state){max-width:52rem}
.account{border-top:1px solid var(--faint);padding:.1875rem 0}
.account>summary{color:inherit}
.account summary>span{display:inline-flex;flex-wrap:wrap;gap:0 .75rem;position:sticky;left:0;max-width:calc(100vw - 5.5rem);vertical-align:top}
.account b{font-weight:650}
.size{color:var(--soft)}
.drawing{display:grid;grid-template-columns:7rem minmax(0,1fr);padding:.1875rem 0 .375rem 1rem}
.drawing>div{min-width:0}
.regions{list-style:none;margin:0;padding:0 .5rem 0 0;font-size:.75rem;line-height:16px;position:sticky;left:0;background:var(--paper);white-space:nowrap;color:var(--soft)}
.regions li{overflow:hidden;text-overflow:ellipsis}
.cells,.axis{display:block;min-width:100%}
.cells{stroke-width:8;fill:none;background:var(--faint)}
#grid{stroke:var(--paper);stroke-width:1;vector-effect:non-scaling-stroke}
#months{stroke:var(--soft);stroke-width:1;stroke-dasharray:1 3;vector-effect:non-scaling-stroke}
#axis{stroke:var(--line)}
#axis text{font-size:.6875rem;fill:var(--soft);stroke:none}
`
