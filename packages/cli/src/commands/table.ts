/** The commands. A new one is one file and one entry here. */
import type { Command, RunCommand } from './command.ts';

const EXPERIMENT = 'name of an experiment, or the path of its file or folder';
const OVERRIDES = 'changes in Hydra’s grammar: epsilon=0.1,0.01 horizon=2 model.parameters.a=3 +key=… ~key';

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    usage: 'run <experiment> [overrides..]',
    about: 'run an experiment on all cores, or go on with it; what is done is not computed again',
    arguments: { experiment: EXPERIMENT, overrides: OVERRIDES },
    options: ['jobs', 'engine', 'timeout', 'retry', 'out', 'seed', 'target', 'dry-run', 'json', 'quiet', 'verbose'],
    examples: [
      ['$0 run averaging-error', 'run it; the first Ctrl-C drains (exit code 75), run again to go on'],
      ['$0 run averaging-error replicate=20000 epsilon=0.1,0.05', 'other replicates and values of an axis'],
    ],
    load: withWorkers(async () => (await import('./run.ts')).run),
  },
  {
    usage: 'plan <experiment> [overrides..]',
    about: 'count exactly what would run: points, cells, tasks done before and tasks to do',
    arguments: { experiment: EXPERIMENT, overrides: OVERRIDES },
    options: ['out', 'seed', 'json'],
    examples: [['$0 plan averaging-error "epsilon=geomspace(1e-3, 1e-1, 9)"', 'what one finer axis would cost']],
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    usage: 'status <experiment>',
    about: 'say how far a run is, from another terminal too',
    arguments: { experiment: 'name of an experiment that was run, or its result folder' },
    options: ['out', 'json'],
    examples: [['$0 status averaging-error', 'done, missing, failed; who is at it']],
    load: async () => (await import('./status.ts')).status,
  },
  {
    usage: 'show <experiment>',
    about: 'show the results of a run again: estimates, orders, where the files are',
    arguments: { experiment: 'name of an experiment that was run, or its result folder' },
    options: ['out', 'json'],
    examples: [['$0 show averaging-error --json | jq .fits', 'the fitted orders for a script']],
    load: async () => (await import('./show.ts')).show,
  },
  {
    usage: 'verify <experiment>',
    about: 'look for damage in results: what is wrong, and what a run would compute again',
    arguments: { experiment: 'name of an experiment that was run, or its result folder' },
    options: ['sample', 'jobs', 'engine', 'out', 'json'],
    examples: [['$0 verify averaging-error --sample 1%', 'compute one task in a hundred again as well, and compare the bits']],
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    usage: 'logs <experiment> [task]',
    about: 'say what failed and why, those of one reason together; or all that is known of one task',
    arguments: { experiment: 'name of an experiment that was run, or its result folder', task: 'the beginning of a task’s identity' },
    options: ['out', 'json'],
    examples: [['$0 logs averaging-error 3fa9', 'error, stack, last words and the lines of the log of that task']],
    load: async () => (await import('./logs.ts')).logs,
  },
  {
    usage: 'retry <experiment>',
    about: 'try again the tasks that failed, and go on with the run',
    arguments: { experiment: 'name of an experiment that was run, or its result folder' },
    options: ['jobs', 'engine', 'timeout', 'out', 'target', 'json', 'quiet', 'verbose'],
    examples: [['$0 retry averaging-error --engine processes', 'each task in a process of its own']],
    load: withWorkers(async () => (await import('./retry.ts')).retry),
  },
  {
    usage: 'clean <experiment>',
    about: 'list what crashes left and nothing needs; with -y remove it',
    arguments: { experiment: 'name of an experiment that was run, or its result folder' },
    options: ['yes', 'out', 'json'],
    examples: [['$0 clean averaging-error -y', 'remove it; finished tasks stay']],
    load: async () => (await import('./clean.ts')).clean,
  },
  {
    usage: 'simulate <model> [overrides..]',
    about: 'simulate paths of a model and keep them as Arrow files',
    arguments: {
      model: 'name of a model, or the path of its file',
      overrides: 'epsilon=0.01 horizon=10 every=0.1 replicate=4 step=epsilon/50 model.parameters.a=3',
    },
    options: ['jobs', 'engine', 'timeout', 'retry', 'out', 'seed', 'target', 'dry-run', 'json', 'quiet', 'verbose'],
    examples: [['$0 simulate double-well epsilon=0.01 horizon=100 replicate=8', 'eight paths over 100 time units']],
    load: withWorkers(async () => (await import('./simulate.ts')).simulate),
  },
  {
    usage: 'fit <data> [overrides..]',
    about: 'learn a reduced model from observed slow paths: drift and diffusion with bands, parameters, and what they are worth',
    arguments: {
      data: 'path of a table (.csv, .arrow, .parquet): columns t and the slow variables, and path if there are several paths',
      overrides: 'flow=none flow.layers=2,4,6 penalty.moment.weight=auto restarts=8 model.parameters.a=3',
    },
    options: ['model', 'backend', 'jobs', 'engine', 'timeout', 'retry', 'out', 'seed', 'target', 'dry-run', 'json', 'quiet', 'verbose'],
    examples: [['$0 fit observed.csv --model double-well', 'the answer, and in results/fit-observed the fitted model, which simulate takes']],
    load: async () => (await import('./fit.ts')).fit,
  },
  {
    usage: 'studies [study]',
    about: 'list the studies (the questions), or say all about one: axes, settings, metrics',
    arguments: { study: 'name of a study' },
    options: ['json'],
    examples: [['$0 studies averaging-error', 'its settings with their defaults']],
    load: async () => (await import('./studies.ts')).studies,
  },
  {
    usage: 'models [model]',
    about: 'list the models that are found, or show the equations of one',
    arguments: { model: 'name of a model, or the path of its file' },
    options: ['json'],
    examples: [['$0 models lorenz96', 'its equations and parameters']],
    load: async () => (await import('./models.ts')).models,
  },
  {
    usage: 'schema <of> [study]',
    about: 'print the JSON Schema of a model, an experiment or a summary, for editors and scripts',
    arguments: { of: 'model, experiment or summary', study: 'for an experiment: the study it is for' },
    options: [],
    examples: [['$0 schema model > model.schema.json', 'for the editor’s YAML server']],
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    usage: 'kernel <model>',
    about: 'show what is made of a model’s equations: the arithmetic graph, C, or WebAssembly',
    arguments: { model: 'name of a model, or the path of its file' },
    options: ['emit', 'scheme'],
    examples: [['$0 kernel double-well --emit c', 'the C of the native target']],
    load: async () => (await import('./kernel.ts')).kernel,
  },
  {
    usage: 'doctor',
    about: 'say what of this machine is used, what is missing, and what to do about it',
    arguments: {},
    options: ['jobs', 'target', 'json'],
    examples: [['$0 doctor', 'Node, cores, memory, targets, TensorFlow, disk']],
    load: async () => (await import('./doctor.ts')).doctor,
  },
];

/** Has the workers started before what hands them their work is loaded. */
function withWorkers(load: () => Promise<RunCommand>): Command['load'] {
  return async (given) => {
    if (given.dryRun) return load();
    const { startWorkers, endWorkers } = await import('../workers.ts');
    startWorkers(given);
    const run = await load();
    return async (same) => {
      try {
        return await run(same);
      } finally {
        await endWorkers();
      }
    };
  };
}
