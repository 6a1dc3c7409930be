/** Settings of the study `recovery`: those of a fit, whose data are simulated, and what it is compared with. */
import { z } from 'zod';
import { settingsSchema as fitSettings, simulatedSchema } from '../fit/settings.ts';

/** What the fit is compared with: `atoms` the best law without penalty, `oracle` the law known and parameters free, `network` an unstructured drift. */
export const RIVALS = ['atoms', 'oracle', 'network'] as const;

/** All settings. */
export const settingsSchema = fitSettings.extend({
  data: simulatedSchema.describe('the data sets'),
  rivals: z.array(z.enum(RIVALS)).default(['atoms', 'oracle']).describe('what the fit is compared with on the same data'),
  oracle: z.array(z.string()).optional().describe('parameters that are free where the law is known; default those with learn: true'),
});

/** Settings, checked. */
export type Settings = z.infer<typeof settingsSchema>;
