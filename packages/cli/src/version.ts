/** The version of the package, as its manifest says. */
import { readFileSync } from 'node:fs';

/** Version of ergoflow. */
export const version: string = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
