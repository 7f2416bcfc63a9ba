export { BOX_ERRORS, BoxError, type BoxErrorCode, EXIT_STATUS } from './errors.ts';
export { type BoxOptions, runInBox } from './run.ts';
