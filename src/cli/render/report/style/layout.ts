/** Text, sections, cards and tables. Widths are in `rem`, so that the page grows with the font of the reader. */
export const layout = `
*,::before,::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--page);color:var(--ink);font:0.875rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
header,main,footer{max-width:76rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.5rem}
h1,h2,h3,p,dl,dd,ul,pre{margin:0}
h1{font-size:1.0625rem;font-weight:650;line-height:1.3}
h1 span{font-weight:400;color:var(--soft)}
h2{font-size:1.125rem;font-weight:650;line-height:1.3;margin-bottom:.625rem}
h3{font-size:.875rem;font-weight:650;margin:0 0 .25rem}
p{max-width:48rem;margin-bottom:.625rem}
header p,.note,.empty,footer p,.place{color:var(--soft)}
header p,.note,footer p{font-size:.8125rem}
a{color:var(--link)}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em}
main>section{background:var(--paper);border:1px solid var(--line);border-radius:.5rem;padding:1.125rem 1.25rem;margin:0 0 1rem}
main>section>:last-child{margin-bottom:0}
footer{padding-bottom:2rem}
ul{padding-left:1.125rem}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}

main>.verdict{display:flex;gap:.875rem;border-width:1px 1px 1px 6px;padding:1rem 1.25rem;margin-bottom:.75rem}
.verdict h2{font-size:1.375rem;margin-bottom:.25rem}
.verdict p{margin:0}
.sign{flex:none;fill:none;stroke:currentColor;stroke-width:2.25;stroke-linecap:round;stroke-linejoin:round;margin-top:.125rem}
main>.complete{background:var(--good-back);border-color:var(--good)}
main>.findings{background:var(--warn-back);border-color:var(--warn)}
main>.partial{background:var(--bad-back);border-color:var(--bad);border-style:solid solid solid double;border-left-width:12px}
.complete .sign,.complete h2{color:var(--good)}
.findings .sign,.findings h2{color:var(--warn)}
.partial .sign,.partial h2{color:var(--bad)}

.reminder{background:var(--bad-back);border-left:8px double var(--bad);padding:.3125rem .75rem;font-size:.8125rem}
.reminder b{color:var(--bad)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.5rem,1fr));gap:.75rem}
.tiles div{background:var(--paper);border:1px solid var(--line);border-top:3px solid var(--line);border-radius:.5rem;padding:.5rem .875rem .625rem}
.tiles dt{font-weight:650}
.tiles dd{line-height:1.35}
.tiles b{font-size:1.5rem;font-weight:600;letter-spacing:-.01em}
.tiles span{color:var(--soft);font-size:.8125rem}
.tiles .good{border-top-color:var(--good)}
.tiles .bad{border-top-color:var(--bad)}
.tiles .warn{border-top-color:var(--warn)}
.tiles .calm{border-top-color:var(--pending)}
.tiles .good b{color:var(--good)}
.tiles .bad b{color:var(--bad)}
.tiles .warn b{color:var(--warn)}
.tiles .zero b{color:var(--soft)}
.tiles+.note{margin:.375rem 0 1rem}

nav ul{display:flex;flex-wrap:wrap;gap:.125rem 1.125rem;list-style:none;padding:0;margin:0 0 1rem;font-size:.8125rem}
nav a{display:inline-block;padding:.1875rem 0}

.facts div{display:grid;grid-template-columns:8rem 1fr;gap:0 1rem;padding:.25rem 0;border-top:1px solid var(--faint)}
.facts div:first-child{border-top:0}
.facts dt{color:var(--soft)}
.facts dd{min-width:0;max-width:56rem}

.cards{list-style:none;padding:0}
.card{border:1px solid var(--line);border-left:4px solid var(--warn);border-radius:.375rem;padding:.625rem .875rem;margin:0 0 .625rem}
.card.gap{border-left:4px double var(--bad);border-left-width:8px}
.card p{margin:0 0 .25rem}
.card>ul{margin:.25rem 0 0}
.card li{margin:0 0 .25rem}
.code{font-weight:600}
.count{font-weight:400;color:var(--soft);margin-left:.375rem}
.advice::before{content:"To do: ";font-weight:650}
.place{font-size:.8125rem}
pre{background:var(--faint);border-radius:.25rem;padding:.375rem .625rem;margin:.25rem 0 .375rem;white-space:pre-wrap}
summary{cursor:pointer;padding:.125rem 0}
details>summary{color:var(--link)}
`
