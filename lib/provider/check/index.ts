export { type ConformanceCheck, conformanceChecks } from './checks.js';
export { type ConformanceResult, runConformance } from './run.js';
export { Target, type TargetAnswer, type TargetOptions, type TargetRequest } from './target.js';
