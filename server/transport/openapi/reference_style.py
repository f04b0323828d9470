"""How the reference looks; the colours are those of the pages to sign in at."""

STYLE = """
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; scroll-padding-top: 1rem;
  --ink: light-dark(#1c1f26, #e3e6ec); --paper: light-dark(#f5f5f3, #15171c); --card: light-dark(#fff, #1b1e25);
  --line: light-dark(#dcdde1, #30353f); --accent: light-dark(#3d4bd1, #8c98ff);
  --muted: light-dark(#5a606b, #979eab); --code: light-dark(#eceded, #262a33) }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink) }
a { color: var(--accent); text-underline-offset: .15em }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem }
code, pre { font: .875em/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace }
code { overflow-wrap: anywhere }
p code, dd code, dt .type { background: var(--code); padding: .1em .3em; border-radius: .25rem }
nav { padding: 1.25rem clamp(1rem, 4vw, 1.5rem) 0 }
nav strong { display: block; margin-bottom: .5rem } nav details { margin: 0 }
nav ul { list-style: none; margin: 0; padding: 0 0 .5rem .75rem }
nav summary, nav a { padding: .15rem 0 } nav a { display: block; text-decoration: none; font-size: .9rem }
nav a:hover { text-decoration: underline }
main { padding: 1.25rem clamp(1rem, 4vw, 2.5rem) 4rem; max-width: 56rem; min-width: 0 }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem } h2 { font-size: 1.35rem; margin: 2.5rem 0 1rem }
h3 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere } h4 { font-size: .875rem; margin: 1rem 0 .25rem }
article { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; margin: 0 0 1rem;
  padding: clamp(.9rem, 3vw, 1.25rem) }
article:target { border-color: var(--accent) }
.method { font: 700 .75rem ui-monospace, monospace; letter-spacing: .04em; color: var(--accent);
  border: 1px solid currentcolor; border-radius: .3rem; padding: .1rem .4rem; margin-right: .4rem }
.muted { color: var(--muted) } .small { font-size: .9rem } article p { margin: .25rem 0 }
dl { margin: 0 } dt { margin-top: .5rem } dd { margin: .1rem 0 0 1rem; color: var(--muted); font-size: .9rem }
dt .type { font-size: .8rem; margin-left: .35rem } dt .type a { text-decoration: none }
dt .must { color: var(--muted); font-size: .8rem; margin-left: .35rem }
summary { cursor: pointer } article details { margin-top: .6rem } article summary { font-size: .9rem; font-weight: 600 }
pre { background: var(--code); border-radius: .5rem; padding: .75rem; margin: .4rem 0; overflow-x: auto; tab-size: 2 }
@media (min-width: 62rem) {
  body { display: grid; grid-template-columns: 17rem minmax(0, 1fr); align-items: start }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border-right: 1px solid var(--line);
    padding-bottom: 2rem }
}
"""
