/** A4: no row is cut, everything that was folded is open, and colors are printed. */
export const print = `
@page{size:A4;margin:14mm 12mm}
@media print{
html{font-size:13px}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
header,main,footer{max-width:none;padding:0}
main>section{border:0;border-top:1px solid var(--line);border-radius:0;padding:.75rem 0}
main>.verdict{border-width:1px 1px 1px 6px;padding:.75rem 1rem}
nav{display:none}
.tiles{grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr))}
h2,h3,caption,summary,.advice{break-after:avoid}
.advice{break-before:avoid}
tr,li,dt,dd,pre,.card>p,.tiles div,.verdict,.account{break-inside:avoid}
thead{display:table-header-group}
.scroll:not(.map){overflow:visible;break-inside:avoid}
.map{overflow:visible}
table{width:auto;min-width:0;font-size:.75rem}
th,td{white-space:normal;overflow-wrap:break-word;padding-right:.5rem}
td.n,th.n[scope=row],time{white-space:nowrap}
.long{overflow-wrap:anywhere;min-width:4.5rem;max-width:none}
.key{min-width:14rem}
.bars{min-width:3rem}
caption,.account summary>span,.regions{position:static}
details::details-content{content-visibility:visible;display:block;block-size:auto}
details.many:not([open])::details-content{content-visibility:hidden;display:none}
details.many:not(.account,[open])>summary::after{content:" (not printed: unfold it in the browser before you print)"}
.cells,.axis{width:100%;min-width:0}
.drawing{padding-left:0}
a{color:inherit;text-decoration:none}
}
`
