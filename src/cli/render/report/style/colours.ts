/** The colors. Text has a contrast of at least 4.5 to what is behind it, and shapes of at least 3. */
const light = `
--page:#f6f7f8;--paper:#fff;--ink:#1b2026;--soft:#4f5963;--line:#d5dae0;--faint:#eceff2;--link:#0a568f;
--good:#0d6267;--good-back:#e4f2f2;--bad:#b3162f;--bad-back:#fdecee;--warn:#8a4a00;--warn-back:#fdf3e1;--bar:#3b8a90;
--missing:#c8102e;--unverified:#7a3ec8;--silent:#c2510c;--late:#a9730d;--pending:#7d8791;--no-digests:#64707d;--delivered:#2f9299;--verified:#0d6267;--quiet:#4a858b;`

const dark = `
--page:#101316;--paper:#181c20;--ink:#e7eaed;--soft:#a7b0b9;--line:#343b43;--faint:#22272d;--link:#7fbdf2;
--good:#7ed2d3;--good-back:#12302f;--bad:#ff8f9c;--bad-back:#3b161c;--warn:#f2b866;--warn-back:#352711;--bar:#4aa3a8;
--missing:#ff5d73;--unverified:#b48cf5;--silent:#f98d4d;--late:#dba83f;--pending:#8b959f;--no-digests:#98a4b0;--delivered:#2f858a;--verified:#3da0a5;--quiet:#5f9296;`

export const colours = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
@media print{:root{color-scheme:light;${light}--page:#fff}}
`
