// The sessions of docs/memory-model.md.
import { runSessions } from '../console-sessions.ts';

runSessions('docs/memory-model.md', 5);
