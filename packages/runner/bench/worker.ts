/** A worker whose tasks take as long as they are told (waiting, so that a busy machine does not count), and give the moments of one number. */
import { momentsAccumulator } from '../src/statistics/moments.ts';
import { workerTask } from '../src/worker.ts';

const clock = new Int32Array(new SharedArrayBuffer(4));

export default workerTask(() => ({ parameters, from, to }) => {
  const moments = momentsAccumulator({ names: ['x'], pairs: [[0, 0]] });
  for (let replicate = from; replicate < to; replicate++) moments.add(Float64Array.of(replicate));
  const milliseconds = Number(parameters.milliseconds);
  if (milliseconds > 0) Atomics.wait(clock, 0, 0, milliseconds);
  return { moments: { x: moments.record() }, failures: [] };
});
