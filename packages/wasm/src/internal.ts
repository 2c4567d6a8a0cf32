// What sister packages and benchmarks need of the rewriter, beyond the public surface.

export { FUEL_EXPORT } from './binary/added-names.ts';
export { type Caps, capModule } from './binary/cap.ts';
export { type AddedExport, editModule, type ModuleEdit } from './binary/edit.ts';
export { type EpochOptions, watchModule } from './binary/epoch.ts';
export { type FuelOptions, meterModule } from './binary/fuel.ts';
export { guardModule } from './binary/guard.ts';
export { type MergePlan, mergeModules, type ShapedModule } from './binary/merge.ts';
export { type ModuleShape, readModuleShape } from './binary/module-shape.ts';
export {
  GLOBAL_EXPORT_PREFIX,
  globalExports,
  type MutableGlobal,
  mutableGlobals,
} from './binary/mutable-globals.ts';
export { OWN_POLICY } from './binary/policy.ts';
