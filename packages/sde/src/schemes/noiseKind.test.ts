import { readYaml } from '@ergoflow/input';
import { expect, test } from 'vitest';
import { readModel } from '../model/readModel.ts';
import { fullSystem } from '../system.ts';
import { noiseKind } from './noiseKind.ts';
import { noiseStructure } from './noiseStructure.ts';

const kindOf = (text: string): string => noiseKind(fullSystem(readModel(readYaml(`name: m\n${text}`, 'm.yaml'))));

test.each([
  ['additive', 'slow: { x: { drift: -x, noise: 2 } }'],
  ['additive', 'slow: { x: { drift: -x, noise: { W: sqrt(a), V: t } }, z: { drift: x, noise: { W: 1 } } }\nparameters: { a: 2 }'],
  ['additive', 'slow: { x: { drift: -x } }'],
  ['diagonal', 'slow: { x: { drift: -x, noise: x^2 }, z: { drift: x, noise: 1 + z } }'],
  // One process, whatever it does.
  ['diagonal', 'slow: { x: { drift: -x, noise: { W: x*z } }, z: { drift: x, noise: { W: sin(x) } } }'],
  ['diagonal', 'slow: { x: { size: 5, drift: -x, noise: sqrt(1 + x^2) } }'],
  // The coefficient reads a component that has no noise.
  ['diagonal', 'slow: { x: { drift: -x, noise: 1 + z^2 }, z: { drift: x } }'],
  ['diagonal', 'slow: { x: { drift: -x, noise: 1 + z^2 }, z: { drift: x, noise: { x: 1 } } }'],
  ['commutative', 'slow: { x: { drift: -x, noise: { W: 0.5*x, V: c*x } } }\nparameters: { c: 3 }'],
  ['commutative', 'slow: { x: { drift: -x, noise: { W: x, V: c*x } }, z: { drift: 0, noise: { W: z, V: c*z } } }\nparameters: { c: 3 }'],
  ['general', 'slow: { x: { drift: -x, noise: { W: 0.5*x, V: 1 } } }'],
  ['general', 'slow: { x: { drift: -x, noise: { W: z } }, z: { drift: x, noise: { V: x } } }'],
  // Kloeden & Platen (1992), §10.3: the noise of one component read by another's.
  ['general', 'slow: { x: { drift: 0, noise: { W: 1 } }, z: { drift: 0, noise: { V: x } } }'],
  ['general', 'slow: { x: { size: 3, drift: 0, noise: 1 + sum(x)^2 } }'],
])('the noise is %s: %s', (kind, text) => {
  expect(kindOf(text)).toBe(kind);
});

test('the shipped kind of slow noise that reads a fast variable with noise of its own is general', () => {
  expect(kindOf('slow: { x: { drift: y, noise: 1 + y } }\nfast: { y: { drift: -y, noise: 1 } }')).toBe('general');
});

test('a process of a vector counts as one scalar process for each component', () => {
  const { columns } = noiseStructure(
    fullSystem(readModel(readYaml('name: m\nslow: { x: { size: 3, drift: 0, noise: { x: 1, W: 2 } } }\n', 'm.yaml'))),
  );
  expect(columns).toEqual([
    { process: 'x', index: 0, width: 3 },
    { process: 'x', index: 1, width: 3 },
    { process: 'x', index: 2, width: 3 },
    { process: 'W', index: 0, width: 1 },
  ]);
});
