/**
 * The shells inside a box, and how they are told what to do. No Node is started for that: a start
 * of it costs as much as all else that is done until the command runs.
 *
 * The first of them collects orphans. Inside a process namespace its default action for signals is
 * to ignore them, so it outlives Ctrl-C. The second, the keeper, is the parent of all others and
 * obeys scripts that come over a socket. When the command is started, a copy of the keeper goes on
 * obeying, and the keeper waits for the command. When the socket closes, since `cxlbox` is gone in
 * whatever way, the keeper is killed, and the box ends with it.
 */

/** Descriptors of the keeper, beside the three that all processes have. */
export const FD = {
  /** Scripts come, and records and messages go. */
  control: 3,
  /** The caller's standard error. */
  stderr: 4,
  /** Between `cxlbox` and the machine's process. */
  machine: 5,
  /** Lets the command go. */
  go: 6,
  /** The FUSE device, until it is mounted. */
  device: 7,
  /** Standard streams of the process that serves the sockets. */
  sockets: 8,
  /** The caller's standard output. */
  stdout: 9,
} as const;

/** What the first shell says on its standard error: the namespaces are made. */
export const INSIDE = 'cxlbox: inside\n';

/** The line after which a script is complete. */
export const SCRIPT_END = '# cxlbox: end';

/** Begins a record; what comes before is the output of the scripts. */
export const RECORD = '\x1e';

/** Shell text that reports a record. */
export function record(name: string, value = ''): string {
  return `printf '\\036${name} %s\\n' ${value === '' ? "''" : value} >&${FD.control}`;
}

/** Redirections of a program that is to have none of these. */
export function closed(...names: (keyof typeof FD)[]): string {
  return names.map((name) => `${FD[name]}>&-`).join(' ');
}

const FIRST = `printf '%s' "$0" >&2; (exec "$@" 2>/dev/null); exit $?`;

/** What a terminal sends to the whole group, and what a program may send to each process of it. */
const SIGNALS = 'HUP INT QUIT TERM USR1 USR2';

/** The shell variable with the script that becomes the command; the keeper waits for it. */
export const COMMAND = 'command';

const KEEPER = `
exec ${FD.stdout}>&1
trap '' ${SIGNALS}
${COMMAND}=
obey() {
  script=
  while IFS= read -r line <&${FD.control}; do
    if [ "$line" != '${SCRIPT_END}' ]; then script="$script$line
"; continue; fi
    eval "$script" >&${FD.control} 2>&${FD.control}
    ${record('done', '"$?"')}
    script=
    if [ -n "$${COMMAND}" ]; then return 0; fi
  done
  return 1
}
obey || exit
{ ${COMMAND}=; obey; kill -KILL "$$"; } < /dev/null > /dev/null 2>&1 &
(trap - ${SIGNALS}; eval "$${COMMAND}")
${record('exited', '"$?"')}
`;

/** The command line of the two shells; `args` are the keeper's, "$@" of the script of the command. */
export function keeperCommand(args: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', FIRST, INSIDE, '/bin/sh', '-c', KEEPER, 'cxlbox-keeper', ...args];
}

export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Shell text that the text of `quoteInLine` needs. */
export const NEWLINE = `n='
'`;

/** A word as a part of one line of shell text. */
export function quoteInLine(word: string): string {
  return quote(word).replaceAll('\n', `'"$n"'`);
}
