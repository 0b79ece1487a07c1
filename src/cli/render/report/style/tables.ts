/** Tables: dense rows, numbers to the right, and a scroll of their own. */
export const tables = `
.scroll{overflow-x:auto;max-width:100%;margin:0 0 1rem;overflow-wrap:normal}
table{border-collapse:collapse;font-size:.8125rem;line-height:1.4;min-width:min(100%,36rem)}
caption{text-align:left;font-size:.8125rem;color:var(--soft);padding:0 0 .3125rem;position:sticky;left:0;max-width:min(60rem,calc(100vw - 5rem))}
th,td{text-align:left;vertical-align:top;padding:.1875rem .75rem .1875rem 0;border-top:1px solid var(--faint);white-space:nowrap;font-weight:400}
thead th{vertical-align:bottom;border-top:0;border-bottom:1px solid var(--line);color:var(--soft);font-weight:600;white-space:normal}
th:last-child,td:last-child{padding-right:0}
.n{text-align:right}
.long{white-space:normal;overflow-wrap:anywhere;min-width:7.5rem;max-width:34rem}
.key{min-width:24rem;max-width:46rem}
.bars{width:14rem;min-width:5rem}
.dim{color:var(--soft)}
span.good{color:var(--good)}
span.bad{color:var(--bad);font-weight:650}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:0 2.5rem}
.pair>*{min-width:0}
.pair table{width:100%;min-width:0}
td ul{padding-left:1rem}
.bar{display:block;margin-top:.25rem}
.bar .track{fill:var(--faint)}
.bar .fill{fill:var(--bar)}
`
