/**
 * The style sheet of the report. Colours after Okabe and Ito, darkened on white and lightened on black so
 * that thin lines keep their contrast; dashes tell the methods apart without any colour.
 */

import { slotCount } from './report-marks.ts';

const light = {
  page: '#ffffff',
  ink: '#1c1f23',
  soft: '#5b636d',
  rule: '#d9dde2',
  grid: '#eceef1',
  card: '#f6f7f9',
  kept: '#a9b1ba',
  rejected: '#cf4a0c',
  missed: '#1c1f23',
  link: '#0062a8',
  methods: [
    '#1c1f23',
    '#737b85',
    '#b06f00',
    '#a4508b',
    '#3f93c4',
    '#00835f',
    '#0062a8',
    '#8a5a2b',
    '#5d6b00',
  ],
};

const dark: typeof light = {
  page: '#14171a',
  ink: '#eceff2',
  soft: '#a3abb5',
  rule: '#3a4047',
  grid: '#262b30',
  card: '#1d2125',
  kept: '#6d7681',
  rejected: '#ff8450',
  missed: '#f4f6f8',
  link: '#69b6ff',
  methods: [
    '#f4f6f8',
    '#9ea6b0',
    '#f0b64a',
    '#e29ac9',
    '#7cc7ee',
    '#3ecfa4',
    '#62b2ff',
    '#d1a06b',
    '#c3d14a',
  ],
};

const dashes = ['7 4', '', '10 3', '6 2 2 2 2 2', '8 3 2 3', '13 3 3 3', '', '5 3', '3 6'];

function variables(theme: typeof light): string {
  const { methods, ...rest } = theme;
  const named = Object.entries(rest).map(([name, value]) => `--${name}:${value}`);
  return [...named, ...methods.map((value, i) => `--m${i}:${value}`)].join(';');
}

const slots = Array.from(
  { length: slotCount },
  (_, i) => `.m${i}{--own:var(--m${i})}.line.m${i}{stroke-dasharray:${dashes[i] || 'none'}}`,
).join('\n');

export const reportStyle = `
:root{color-scheme:light dark;${variables(light)}}
@media (prefers-color-scheme:dark){:root{${variables(dark)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif}
main{max-width:1120px;margin:0 auto;padding:40px 28px 64px}
header{border-bottom:1px solid var(--rule);padding-bottom:24px;margin-bottom:8px}
.kicker{margin:0 0 6px;color:var(--soft);font-size:14px}
h1{font-size:clamp(22px,3.4vw,32px);line-height:1.2;letter-spacing:-.015em;margin:0 0 14px;text-wrap:balance}
h2{font-size:20px;letter-spacing:-.01em;margin:44px 0 4px}
h3{font-size:15px;margin:0 0 2px}
p{margin:0 0 12px;max-width:74ch}
.note{color:var(--soft);font-size:14px}
.verdicts{margin:0;padding:0;list-style:none;font-variant-numeric:tabular-nums}
.verdicts li{padding:1px 0}
.warning{border-left:3px solid var(--rejected);padding:6px 12px;background:var(--card)}
.facts{display:flex;flex-wrap:wrap;gap:6px 32px;margin:20px 0 0}
.facts div{display:flex;flex-direction:column-reverse}
.facts dt{color:var(--soft);font-size:13px}
.facts dd{margin:0;font-size:19px;font-weight:600;font-variant-numeric:tabular-nums}
figure{margin:16px 0 0;min-width:0}
figcaption{color:var(--soft);font-size:14px;margin-top:8px;max-width:86ch}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:8px 32px}
.pair>*{max-width:640px}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,230px),1fr));gap:18px 20px;margin-top:12px}
.scroll{overflow-x:auto}
.table-note{margin:20px 0 4px}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:6px 10px 6px 0;text-align:left;white-space:nowrap;border-bottom:1px solid var(--grid)}
thead th{border-bottom:1.5px solid var(--ink);font-weight:600}
tbody tr:last-child>*{border-bottom:1.5px solid var(--ink)}
tbody th{font-weight:600}
.number{text-align:right}
th:last-child,td:last-child{padding-right:0}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
details{margin-top:14px}
summary{cursor:pointer;font-weight:600}
.settings{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:0 32px;margin:12px 0 0}
.settings div{display:flex;justify-content:space-between;gap:16px;border-bottom:1px solid var(--grid);padding:4px 0}
.settings dt{color:var(--soft)}
.settings dd{margin:0;text-align:right;overflow-wrap:anywhere;min-width:0}
fieldset{border:0;margin:10px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:6px;align-items:center;font-size:15px}
legend{float:left;padding:0 8px 0 0;color:var(--soft)}
.seed{position:relative}
.seed input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}
.seed span{display:block;min-width:34px;text-align:center;padding:3px 10px;border:1px solid var(--rule);border-radius:6px}
.seed input:checked+span{background:var(--ink);color:var(--page);border-color:var(--ink)}
.seed input:focus-visible+span,summary:focus-visible,.scroll:focus-visible,.legend input:focus-visible
{outline:2.5px solid var(--link);outline-offset:2px}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:10px 0 2px;padding:0;font-size:14px}
.legend li,.legend label{display:inline-flex;align-items:center;gap:7px}
.legend label{cursor:pointer}
.legend input{margin:0;accent-color:var(--link)}
.legend b{font-variant-numeric:tabular-nums;font-weight:600}
.sample{width:26px;height:10px;overflow:visible;flex:none}
.sample.mark{width:13px;height:13px}
.by-seed{display:none}
@supports not selector(:has(*)){.by-seed{display:block;margin-top:24px}}
.chart{display:block;width:100%;height:auto;overflow:visible;font-variant-numeric:tabular-nums}
.chart path,.sample path{fill:none;vector-effect:non-scaling-stroke}
.chart text{fill:var(--ink)}
.chart .tick,.chart .panel-note,.chart .axis-title{fill:var(--soft)}
.large text{font-size:9.5px}.large .axis-title.end{transform:translateY(-12px)}
.medium text{font-size:13px}.medium .axis-title.end{transform:translateY(-4px)}
.small text{font-size:13px}
.panel-title{font-weight:600}
.end{text-anchor:end}.center{text-anchor:middle}
.middle{dominant-baseline:central}.hang{dominant-baseline:hanging}
.grid{stroke:var(--grid);stroke-width:1}
.axis{stroke:var(--soft);stroke-width:1}
.zero{stroke:var(--soft);stroke-width:1.25}
${slots}
.line{stroke:var(--own);stroke-width:2.2;stroke-linejoin:round}
.line.m1,.line.m6{stroke-width:2.8}
.line.solid{stroke-dasharray:none;stroke-width:1.8}
.faint{stroke:var(--own);stroke-width:1;opacity:.22}
.chart .area{fill:var(--own);opacity:.18}
.halo{stroke:var(--page);stroke-width:3;opacity:.6}
.large .line{stroke-width:1.5}.large .line.m1,.large .line.m6{stroke-width:2.2}
.large{margin-bottom:-14px}
.clean{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:1 3;stroke-linecap:round}
.scatter{stroke:var(--own);stroke-width:3.5;stroke-linecap:round;opacity:.5}
.dot{fill:var(--own);opacity:.45}
.mean{fill:var(--own);stroke:var(--page);stroke-width:1.5}
.interval{stroke:var(--own);stroke-width:2.4}
.label{stroke-width:1.5}
.label.kept{stroke:var(--kept);stroke-width:4;stroke-linecap:round}
.label.rejected{stroke:var(--rejected)}
.chart .label.missed,.sample .label.missed{fill:var(--missed);stroke:var(--page);stroke-width:.75}
.label.wronged{stroke:var(--rejected);stroke-width:1.6}
footer{margin-top:48px;padding-top:14px;border-top:1px solid var(--rule);color:var(--soft);font-size:14px}
@media (max-width:900px){.large text{font-size:12px}}
@media (max-width:560px){
main{padding:24px 14px 40px}
.large text{font-size:19px}.medium text{font-size:16px}.small text{font-size:18px}
.panels{grid-template-columns:repeat(auto-fill,minmax(min(100%,160px),1fr));gap:14px 12px}.large{margin-bottom:0}
.large .axis-title.end,.medium .axis-title.end{transform:none}
.label,.label.wronged{stroke-width:1.1}.label.kept{stroke-width:2.4}.halo{stroke-width:2.4}
.line,.line.m1,.line.m6{stroke-width:1.8}.large .line{stroke-width:1.2}.large .line.m1,.large .line.m6{stroke-width:1.6}
table{font-size:14px}}
@media print{main{max-width:none;padding:0}figure{break-inside:avoid}}
`.trim();
