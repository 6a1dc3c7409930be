/** `ergoflow schema`: JSON Schemas for editors and scripts. */
import { didYouMean, InputError, quoted } from '@ergoflow/input';
import { summarySchema } from '@ergoflow/report';
import { modelSchema } from '@ergoflow/sde';
import { STUDIES } from '@ergoflow/studies';
import { z } from 'zod';
import { experimentSchema } from '../experimentSchema.ts';
import { COMMAND_LINE } from '../place.ts';
import type { RunCommand } from './command.ts';
import { findStudy } from './studies.ts';

const OF = ['model', 'experiment', 'summary'];

/** Prints a schema. */
export const schema: RunCommand = (given) => {
  const of = given.argument('of');
  const study = given.argument('study');
  if (!OF.includes(of)) {
    throw new InputError(`${quoted(of)} has no schema: allowed are ${OF.join(', ')}${didYouMean(of, OF)}`, COMMAND_LINE);
  }
  const content =
    of === 'model'
      ? z.toJSONSchema(modelSchema, { io: 'input' })
      : of === 'summary'
        ? z.toJSONSchema(summarySchema)
        : study === ''
          ? { $schema: 'https://json-schema.org/draft/2020-12/schema', anyOf: [...STUDIES.values()].map(experimentSchema) }
          : experimentSchema(findStudy(study));
  process.stdout.write(`${JSON.stringify(content, null, 2)}\n`);
  return 0;
};
