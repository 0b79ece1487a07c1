/** A phone: less padding, and names above their values. */
export const narrow = `
@media (max-width:40rem){
header,main,footer{padding-left:.625rem;padding-right:.625rem}
main>section{padding:.875rem .75rem}
main>.verdict{padding:.75rem;gap:.5rem}
.verdict h2{font-size:1.125rem}
.tiles{grid-template-columns:1fr 1fr;gap:.5rem}
.tiles div{padding:.375rem .625rem .5rem}
.tiles b{font-size:1.25rem}
.facts div{grid-template-columns:1fr;padding:.3125rem 0}
.drawing{grid-template-columns:6.25rem minmax(0,1fr);padding-left:0}
.state{width:auto}
.meaning{display:block;width:auto;color:var(--soft);line-height:1.3}
th:has(.state){min-width:0}
table:has(.state){min-width:0}
.regions{font-size:.6875rem;padding-right:.25rem}
#grid{display:none}
.long{min-width:12rem}
.bars{min-width:4rem}
}
`
