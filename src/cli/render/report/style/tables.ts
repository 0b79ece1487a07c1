/** Tables: dense rows, numbers to the right, and a scroll of their own. */
export const tables = `
.scroll{overflow-x:auto;max-width:100%;margin:0 0 1rem;overflow-wrap:normal}
table{border-collapse:collapse;font-size:.8125rem;line-height:1.4;min-width:min(100%,36rem)}
caption{text-align:left;font-size:.8125rem;color:var(--soft);padding:0 0 .3125rem;position:sticky;left:0;max-width:min(60rem,calc(100vw - 5rem))}
th,td{text-align:left;vertical-align:top;padding:.1875rem .875rem .1875rem 0;border-top:1px solid var(--faint);white-space:nowrap;font-weight:400}
thead th{vertical-align:bottom;border-top:0;border-bottom:1px solid var(--line);color:var(--soft);font-weight:600;white-space:normal}
th:last-child,td:last-child{padding-right:0}
.n{text-align:right}
.long{white-space:normal;overflow-wrap:anywhere;min-width:10rem;max-width:34rem}
.bars{width:14rem;min-width:5rem;vertical-align:middle}
.dim{color:var(--soft)}
.good{color:var(--good)}
.bad{color:var(--bad);font-weight:650}
td ul{padding-left:1rem}
.bar{display:block}
.bar .track{fill:var(--faint)}
.bar .fill{fill:var(--bar)}
`
