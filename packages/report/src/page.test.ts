import { expect, test } from 'vitest';
import { FIGURES } from './figures/table.ts';
import { exampleSummary } from './fixtures/summary.ts';
import { type DrawnFigure, renderReport } from './page.ts';
import { renderSvg } from './svg.ts';

async function page(): Promise<string> {
  const figures: DrawnFigure[] = [];
  for (const metric of ['strong-error', 'weak-error x^2']) {
    for (const { name, about, make } of FIGURES) {
      const spec = make(exampleSummary, metric);
      if (spec !== null) figures.push({ name, metric, about, svg: await renderSvg(spec) });
    }
  }
  return renderReport({ summary: exampleSummary, figures, provenance: { node: 'v20', dirty: null }, experiment: 'a: "<i>"' });
}

test('needs nothing but itself', async () => {
  const html = await page();
  expect(html.match(/<figure /g)?.length).toBe(4);
  // Names of XML namespaces are no addresses that a browser loads.
  const addresses = html.replaceAll(/xmlns(:\w+)?="[^"]*"/g, '').match(/https?:\/\/|src=|@import|<link|<script/g);
  expect(addresses).toBeNull();
});

test('shows what people wrote as text, never as markup', async () => {
  const html = await page();
  expect(html).not.toContain('<b>&');
  expect(html).not.toContain('<script>');
  expect(html).not.toContain('<i>');
  expect(html).toContain('&#60;script&#62;alert(1)');
});

test('has every cell, order, budget, failure and fact', async () => {
  const html = await page();
  const rows = (caption: string): number => {
    const table = html.split('<caption>').find((part) => part.startsWith(caption)) as string;
    return (table.split('</table>')[0].match(/<tr>/g)?.length as number) - 1;
  };
  expect(rows('Estimates')).toBe(10);
  expect(rows('Fitted orders')).toBe(4);
  expect(rows('What the error is made of')).toBe(20);
  expect(rows('Replicates lost')).toBe(2);
  expect(rows('Tasks that failed')).toBe(1);
  expect(rows('Points that guards took away')).toBe(1);
  expect(html).toContain('0.1000 ± 0.0020');
  expect(html).toContain('<td>unknown</td>');
});

test('opens and closes every element', async () => {
  const html = await page();
  const open: string[] = [];
  for (const [, closing, name, , self] of html.matchAll(/<(\/?)([a-zA-Z][\w:]*)((?:"[^"]*"|[^">])*?)(\/?)>/g)) {
    if (['meta', 'br', 'hr'].includes(name) || self === '/') continue;
    if (closing === '') open.push(name);
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
});
