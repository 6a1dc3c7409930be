/** Formulas to machine code: expressions, graphs, lane programs, streams of normals, and the targets that run them. */
export { compile, TARGETS } from './compile.ts';
export { type Expression, ExpressionError, formatExpression, namesIn, type Span } from './expression/ast.ts';
export { evaluate, evaluateCondition } from './expression/evaluate.ts';
export { lower, type Scope, type ScopeFunction } from './expression/lower.ts';
export { parseExpression } from './expression/parse.ts';
export { FUNCTIONS, type FunctionRow } from './functions/table.ts';
export { type GraphBuilder, graphBuilder, type Node, reachable } from './graph.ts';
export type { Call, Kernel, TargetName } from './kernel.ts';
export { type Named, type Program, type ProgramState, program } from './program.ts';
export { scalarFunction, scalarOf } from './scalar.ts';
export { openStream, type Stream } from './streams.ts';
export { describeTargets, LISTINGS, type TargetReport } from './targets/describe.ts';
export { compileTraining, TRAINING_TARGETS, type TrainingOptions } from './training/compileTraining.ts';
export { tensorsOf } from './training/fromGraph.ts';
export { gradient } from './training/gradient.ts';
export { broadcastShape, type Shape, sameShape, shapeOf, type Tensor, type TensorBuilder, type TensorOp, tensorBuilder } from './training/tensor.ts';
export { LANE_MULTIPLE, type Numbers, type Precision, type TrainingKernel, type TrainingTarget } from './training/trainingKernel.ts';
export { type TrainingProgram, trainingProgram } from './training/trainingProgram.ts';
