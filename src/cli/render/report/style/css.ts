import { colours } from './colours.ts'
import { layout } from './layout.ts'
import { map } from './map.ts'
import { narrow } from './narrow.ts'
import { print } from './print.ts'
import { tables } from './tables.ts'

/** The one style sheet of the page. */
export const css = [colours, layout, tables, map, narrow, print].join('')
