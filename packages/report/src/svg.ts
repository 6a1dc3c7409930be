/** Figures as SVG, without a browser. */
import type { TopLevelSpec } from 'vega-lite';

/** Draws a figure; the same specification gives the same text. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  // Loading these takes longer than all else that most commands do.
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
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
