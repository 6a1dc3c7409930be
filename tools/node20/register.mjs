/** Lets Node run this workspace's TypeScript sources: a hook where Node does not strip types by itself (below 22.18), nothing elsewhere. */
import { register } from 'node:module';

if (!process.features.typescript) {
  process.setSourceMapsEnabled(true);
  register('./hooks.mjs', import.meta.url);
}
