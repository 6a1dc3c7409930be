/** Figures as SVG, without a browser. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** Draws a figure; the same specification gives the same text. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  // Vega numbers its clipping paths through the life of the process.
  let next = 0;
  const known = new Map<string, string>();
  return svg.replace(/\b(clip|gradient)_?(\d+)\b/g, (name) => {
    const renamed = known.get(name) ?? `${name.replace(/\d+$/, '')}${next++}`;
    known.set(name, renamed);
    return renamed;
  });
}
