/** Takes the work of the command that was chosen; what it resolves to is the exit code. */
export type Finish = (work: () => Promise<number>) => void;
