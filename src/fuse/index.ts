export type { Invalidation, MemoryFile, MemoryFiles } from './dax-memory.ts';
export { type SendLate, startLateAnswers } from './late-answers.ts';
export { serve } from './serve.ts';
export { FuseServer } from './server.ts';
export type { ServerOptions } from './session.ts';
