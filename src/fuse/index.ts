export { serve } from './serve.ts';
export { FuseServer } from './server.ts';
export type { ServerOptions } from './session.ts';
