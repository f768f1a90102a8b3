"""The page's style: light and dark, phone and print, all from a few variables."""

from __future__ import annotations

_LIGHT = """
color-scheme: light;
--ground: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --raised: #f6f8fa;
--heat: #1f4e8c; --heat-ink: #ffffff; --half-ink: #1b1f24; --accent: #0b57a4;
--good: #116329; --bad: #b3261e; --unsure: #7a4b00; --mark: #c2410c;
"""

_DARK = """
color-scheme: dark;
--ground: #12161b; --ink: #e6eaef; --soft: #a3adb8; --line: #39414b; --raised: #1b2128;
--heat: #7cc4ff; --heat-ink: #0b1117; --half-ink: #0b1117; --accent: #7cc4ff;
--good: #6fd68a; --bad: #ff8f85; --unsure: #f0b95a; --mark: #ffb077;
"""

_LAYER_LIGHT = ".layer { --colour: var(--light); --colour-ink: var(--light-ink); }"
_LAYER_DARK = ".layer { --colour: var(--dark); --colour-ink: var(--dark-ink); }"

STYLE = f"""
:root {{ {_LIGHT} }}
{_LAYER_LIGHT}
@media screen and (prefers-color-scheme: dark) {{
:root {{ {_DARK} }}
{_LAYER_DARK}
}}
* {{ box-sizing: border-box; }}
html {{ -webkit-text-size-adjust: 100%; }}
body {{ margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }}
header, main, footer {{ max-width: 62rem; margin: 0 auto; padding: 0 1rem; }}
h1, h2, h3, p, li, dt, dd, figcaption {{ overflow-wrap: anywhere; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; margin: 1.5rem 0 .5rem; }}
h2 {{ font-size: 1.25rem; margin: 2.75rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }}
h3 {{ font-size: 1.05rem; margin: 1.5rem 0 .25rem; }}
a {{ color: var(--accent); }}
.soft, figcaption, caption, footer {{ color: var(--soft); font-size: .875rem; }}
.kind {{ font-weight: normal; color: var(--soft); white-space: nowrap; }}
.good {{ color: var(--good); }} .bad {{ color: var(--bad); }} .unsure {{ color: var(--unsure); }}
.verdict {{ font-weight: 600; font-size: 1.1rem; }}
ul.seen {{ padding-left: 1.2rem; margin: .5rem 0; }} ul.seen li {{ margin: .3rem 0; }}
nav ul {{ list-style: none; padding: 0; margin: .5rem 0; display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; }}
nav a {{ display: inline-block; padding: .3rem 0; }}
figure {{ margin: 1rem 0; }}
figcaption {{ margin-top: .35rem; }}
svg {{ display: block; width: 100%; height: auto; }}
svg text {{ fill: var(--ink); font-family: system-ui, sans-serif; }}
.pictures {{ display: grid; grid-template-columns: minmax(0, 34rem) minmax(9rem, 1fr); gap: .5rem 1.5rem; }}
.pictures ul {{ align-self: center; }}
.legend {{ list-style: none; margin: 0; padding: 0; font-size: .875rem; }}
.legend li {{ margin: .2rem 0; }}
.mark {{ display: inline-block; min-width: 1.5em; text-align: center; border-radius: 1em; font-size: .8em;
  background: var(--colour); color: var(--colour-ink); }}
.dashes {{ display: inline-block; width: 1.5em; border-top: 2px dashed var(--soft); vertical-align: middle; }}
.dead {{ color: var(--mark); }}
.curves .grid {{ stroke: var(--line); stroke-width: .5; }}
.curves text {{ font-size: 9.5px; }} .curves .badge-text {{ font-size: 8px; font-weight: 600; }}
.curves .curve {{ fill: none; stroke: var(--colour); stroke-width: 1.6; stroke-linejoin: round; }}
.curves .null {{ fill: none; stroke: var(--colour); stroke-width: 1; stroke-dasharray: 3 2.5; }}
.curves .band {{ fill: var(--colour); fill-opacity: .18; }}
.curves .dot, .curves .badge {{ fill: var(--colour); }} .curves .badge {{ stroke: var(--ground); stroke-width: 1; }}
.curves .badge-text {{ fill: var(--colour-ink); }}
.heat text {{ font-size: 15px; }} .heat .value {{ font-size: 11.5px; }} .heat .tick {{ font-size: 12px; }}
.heat .cell {{ fill: var(--heat); stroke: var(--line); stroke-width: .5; }}
.heat .full {{ fill: var(--heat-ink); }} .heat .half {{ fill: var(--half-ink); }}
.heat .none {{ fill: var(--soft); }}
.heat .chance {{ fill: var(--mark); stroke: var(--ground); stroke-width: 1; }}
.heat.small {{ max-width: 22rem; }}
[hidden] {{ display: none !important; }}
.dial {{ position: sticky; top: 0; z-index: 3; display: flex; flex-wrap: wrap; align-items: center; gap: .2rem 1rem;
  background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .9rem; margin: 1rem 0;
  font-variant-numeric: tabular-nums; }}
.dial input {{ flex: 1 1 12rem; min-width: 8rem; height: 1.75rem; accent-color: var(--accent); }}
.dial output {{ display: inline-block; min-width: 2.5em; font-weight: 600; }}
h2, h3, .look {{ scroll-margin-top: 4.5rem; }}
.questions {{ margin: .75rem 0 1rem; }} .questions dt {{ font-weight: 600; margin-top: .6rem; }}
.questions dd {{ margin: 0; }}
.words dt {{ font-weight: 600; margin-top: .5rem; }} .words dd {{ margin: 0; max-width: 44rem; }}
details > summary h2 {{ display: inline; border: 0; margin: 0; }}
.term {{ text-decoration: underline dotted; text-underline-offset: .2em; cursor: help; }}
.tip {{ position: fixed; z-index: 9; max-width: 20rem; padding: .4rem .6rem; border-radius: .35rem;
  white-space: pre-line;
  background: var(--ink); color: var(--ground); font-size: .8125rem; line-height: 1.4; pointer-events: none; }}
.profile text {{ font-size: 15px; }} .profile .axis {{ font-size: 14px; }}
.profile .grid {{ stroke: var(--line); stroke-width: .5; }}
.profile .null rect, .key.null {{ fill: var(--line); background: var(--line); }}
.profile polyline {{ fill: none; stroke-width: 1.2; }}
.profile .main polyline {{ stroke: var(--accent); stroke-width: 2; }}
.profile .main circle, .key.main {{ fill: var(--accent); background: var(--accent); }}
.profile .range {{ stroke: var(--accent); stroke-width: 1.6; }}
.profile .control polyline, .profile .control path {{ stroke: var(--mark); }}
.profile .other polyline, .profile .other path {{ stroke: var(--soft); }}
.profile .control polyline, .profile .other polyline {{ stroke-dasharray: 4 3; }}
.profile .control path, .profile .other path {{ fill: var(--ground); stroke-width: 1.6; }}
.profile .hit {{ fill: transparent; cursor: pointer; }}
.profile .column:hover .hit, .profile .column:focus-visible .hit {{ fill: var(--accent); fill-opacity: .1; }}
.profile .column:focus-visible {{ outline: none; }} .profile .column:focus-visible .hit {{ stroke: var(--accent);
  stroke-width: 2; }}
.key {{ display: inline-block; width: .75em; height: .75em; border-radius: 50%; }} .key.null {{ border-radius: 0; }}
.key.control {{ border: 2px solid var(--mark); transform: rotate(45deg) scale(.85); border-radius: 0; }}
.key.other {{ border-radius: 0; background: var(--soft); clip-path: polygon(50% 0, 100% 100%, 0 100%); }}
.keys {{ display: flex; flex-wrap: wrap; gap: 0 1.25rem; }}
.cursor {{ stroke: var(--mark); stroke-width: 1.2; fill: none; }} .heat .cursor {{ stroke-width: 2; }}
.curves .baseline {{ fill: none; stroke: var(--colour); stroke-width: 1.2; stroke-dasharray: 1 2.5;
  stroke-linecap: round; }}
.dots {{ border-top-style: dotted; }}
th button {{ font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: inherit;
  cursor: pointer; }}
th button:hover, th[aria-sort] button {{ text-decoration: underline; }}
th[aria-sort=ascending] button::after {{ content: " ▲"; }} th[aria-sort=descending] button::after {{ content: " ▼"; }}
tbody button.open {{ color: var(--accent); text-decoration: underline; }}
.now {{ font-weight: 600; }}
.filter {{ margin: 1rem 0 -.5rem; font-size: .875rem; }}
.filter input, .look select {{ font: inherit; padding: .2rem .4rem;
  max-width: 100%; color: var(--ink); background: var(--ground); border: 1px solid var(--soft); border-radius: .3rem; }}
:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px; }}
.sides {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 1.5rem; }}
.radii text {{ font-size: 10px; }} .radii .at {{ stroke: var(--mark); stroke-width: 1; }}
.radii .in {{ fill: var(--accent); }} .radii .out {{ fill: var(--ground); stroke: var(--soft); stroke-width: 1; }}
.radii .chosen {{ stroke: var(--mark); stroke-width: 2.5; }} .radii.open circle {{ cursor: pointer; }}
.thumbs {{ display: flex; flex-wrap: wrap; gap: .5rem; margin: .4rem 0; }}
.thumb {{ display: block; border: 1px solid var(--line); box-sizing: content-box; image-rendering: pixelated; }}
.side-by-side {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 0 1rem; }}
.blocks {{ width: auto; }} .blocks text {{ font-size: 10px; }}
.blocks .band {{ fill: var(--accent); fill-opacity: .35; }}
.blocks .chip rect {{ fill: var(--raised); stroke: var(--line); }} .blocks .same rect {{ fill: var(--heat); }}
.blocks .same text {{ fill: var(--heat-ink); }}
.sizes {{ max-width: 42rem; }} .sizes rect {{ fill: var(--accent); }} .sizes text {{ font-size: 10px; }}
.views-by-layer text {{ font-size: 15px; }} .views-by-layer .tick {{ font-size: 12px; }}
.views-by-layer .grid {{ stroke: var(--line); stroke-width: .5; }}
.views-by-layer polyline {{ fill: none; stroke: var(--view); stroke-width: 1.2; stroke-opacity: .55; }}
.views-by-layer .point {{ fill: var(--view); }}
.view {{ color: var(--view); }} .subspace {{ --view: var(--ink); }} .matched {{ --view: var(--mark); }}
.semi {{ --view: var(--accent); }} .sparse {{ --view: var(--good); }}
.grids {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(6rem, 1fr)); gap: .5rem 1rem; }}
.grids p {{ margin: .1rem 0; }}
.block-grid .cell {{ fill: var(--heat); stroke: var(--line); stroke-width: .5; }}
.block-grid .chance {{ fill: var(--mark); }}
summary {{ cursor: pointer; padding: .4rem 0; color: var(--accent); overflow-wrap: anywhere; }}
.cells {{ border: 1px solid; }}
.beside {{ display: inline-block; width: min(250px, 100%); margin-right: 1rem; vertical-align: top; }}
.swatch {{ display: inline-block; width: .3em; height: 1em; background: var(--mark); vertical-align: -.15em; }}
.scroll {{ overflow-x: auto; margin: 1rem 0; }}
table {{ border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }}
caption {{ text-align: left; padding-bottom: .3rem; caption-side: top; }}
th, td {{ padding: .25rem .6rem .25rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }}
thead th {{ color: var(--soft); font-weight: 600; vertical-align: bottom; }}
tbody th {{ font-weight: normal; white-space: nowrap; }}
tr > th:first-child {{ position: sticky; left: 0; background: var(--ground); }}
caption span {{ display: inline-block; position: sticky; left: 0; max-width: calc(100vw - 2rem); }}
.whole {{ white-space: nowrap; }}
.number {{ text-align: right; }} td.number {{ white-space: nowrap; }}
.theorems td {{ min-width: 8rem; }}
@media (max-width: 44rem) {{
.pictures {{ grid-template-columns: minmax(0, 1fr); }}
.legend {{ display: flex; flex-wrap: wrap; gap: 0 1rem; }}
.heat .value, .heat .minor {{ display: none; }}
.profile text {{ font-size: 24px; }} .profile .axis {{ display: none; }} .dial .soft {{ display: none; }}
.heat.small .value {{ display: inline; }} .sizes text {{ font-size: 18px; }}
.heat:not(.small) text, .heat:not(.small) .tick, .views-by-layer text, .views-by-layer .tick {{ font-size: 21px; }}
}}
@page {{ margin: 14mm; }}
@media print {{
body {{ font-size: 10pt; }}
nav, .filter, .dial input, .tip {{ display: none; }} .dial {{ position: static; }}
.blocks {{ max-width: 100%; }} .look select {{ appearance: none; border: 0; padding: 0; }}
a {{ color: inherit; text-decoration: none; }}
figure, tr, li {{ break-inside: avoid; }}
h2, h3, caption {{ break-after: avoid; }}
.scroll {{ overflow: visible; }}
tr > th:first-child, caption span {{ position: static; max-width: none; background: none; }}
header, main, footer {{ max-width: none; padding: 0; }}
table {{ font-size: 7pt; }} th, td {{ padding: .15rem .35rem .15rem 0; }}
.cell, .chance, .band, .badge, .mark, .swatch, .key, .thumb {{
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
}}
"""
