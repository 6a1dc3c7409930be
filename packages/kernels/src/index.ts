/** Formulas to machine code: expressions, graphs, lane programs, streams of normals, and the targets that run them. */
export { type Call, compile, type Kernel, type TargetName, TARGETS } from './compile.ts';
export { graphBuilder, type GraphBuilder, type Node, reachable } from './graph.ts';
export { type Named, program, type Program, type ProgramState } from './program.ts';
export { openStream, type Stream } from './streams.ts';
