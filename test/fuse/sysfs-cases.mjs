/**
 * What sysfs does, as named functions that give what a program sees. Runs inside a box of the demo machine (test/box)
 * and prints a JSON object of the results; an error is given by its code.
 */
import fs from 'node:fs';

const KNOBS = '/sys/devices/platform/knobs';
const at = (name) => `${KNOBS}/${name}`;

function withFile(name, flags, use) {
  const fd = fs.openSync(at(name), flags);
  try {
    return use(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function readAt(fd, size, position) {
  const buffer = Buffer.alloc(size);
  return buffer.toString('latin1', 0, fs.readSync(fd, buffer, 0, size, position));
}

/** readdirSync sorts. */
function listUnsorted(path) {
  const directory = fs.opendirSync(path);
  const names = [];
  for (let entry = directory.readSync(); entry !== null; entry = directory.readSync())
    names.push(entry.name);
  directory.closeSync();
  return names;
}

const { O_RDONLY, O_WRONLY, O_RDWR, O_TRUNC, O_APPEND, O_CREAT } = fs.constants;
const read = (name) => fs.readFileSync(at(name), 'latin1');
const write = (name, text) => withFile(name, O_WRONLY, (fd) => fs.writeSync(fd, text));
const mode = (name) => (fs.statSync(at(name)).mode & 0o7777).toString(8);

const cases = {
  'a value ends with a newline': () => read('number'),
  'a text attribute has the size of a page': () => fs.statSync(at('number')).size,
  'contents are cut below a page': () => read('big').length,
  'a binary file is read whole': () => read('blob').length,
  'reads go on where the last one ended': () =>
    withFile('read_only', O_RDONLY, (fd) => [
      readAt(fd, 2, null),
      readAt(fd, 10, null),
      readAt(fd, 10, null),
    ]),
  'a read at 0 shows the new value': () =>
    withFile('number', O_RDONLY, (fd) => {
      const before = readAt(fd, 10, 0);
      write('number', '8\n');
      const end = readAt(fd, 10, before.length);
      const after = readAt(fd, 10, 0);
      write('number', '7\n');
      return [before, end, after];
    }),
  'a read beyond the end is empty': () => withFile('number', O_RDONLY, (fd) => readAt(fd, 10, 100)),
  'junk is EINVAL': () => write('number', 'junk\n'),
  'too large is ERANGE': () => write('number', '99999999999\n'),
  'a refusal is its errno': () => write('busy', '1\n'),
  'a trailing NUL is taken, and counted': () => [write('number', '0x7\n\0'), read('number')],
  'an empty write does not reach the attribute': () => [write('write_only', ''), read('stored')],
  'one write is one store, whatever the offset': () => {
    const count = withFile('write_only', O_WRONLY, (fd) => fs.writeSync(fd, 'hello\n', 4711));
    return [count, read('stored')];
  },
  'writev is one store': () => {
    const count = withFile('write_only', O_WRONLY, (fd) =>
      fs.writevSync(fd, [Buffer.from('ab'), Buffer.from('cd')]),
    );
    return [count, read('stored')];
  },
  'a write beyond a page is short, and Node writes the rest': () => [
    write('write_only', 'z'.repeat(5000)),
    read('stored'),
  ],
  'O_TRUNC and O_APPEND change nothing': () => {
    withFile('number', O_WRONLY | O_TRUNC, (fd) => fs.writeSync(fd, '9\n'));
    const truncated = [read('number'), fs.statSync(at('number')).size];
    withFile('number', O_WRONLY | O_APPEND, (fd) => fs.writeSync(fd, '7\n'));
    return [...truncated, read('number'), fs.statSync(at('number')).size];
  },
  'truncate is accepted and ignored': () => {
    fs.truncateSync(at('number'), 2);
    return [read('number'), fs.statSync(at('number')).size];
  },
  'root too cannot read a write-only attribute': () =>
    withFile('write_only', O_RDONLY, () => 'opened'),
  'root too cannot write a read-only attribute': () =>
    withFile('read_only', O_RDWR, () => 'opened'),
  'chmod lasts, and takes the last bit from root too': () => {
    fs.chmodSync(at('number'), 0o444);
    const refused = attempt(() => write('number', '1\n'));
    fs.chmodSync(at('number'), 0o644);
    return [refused, mode('number')];
  },
  'utimes lasts': () => {
    fs.utimesSync(at('number'), 1000, 2000);
    const { atimeMs, mtimeMs } = fs.statSync(at('number'));
    return [atimeMs, mtimeMs];
  },
  'open of a missing name with O_CREAT is EACCES': () =>
    withFile('missing', O_WRONLY | O_CREAT, () => 'opened'),
  'open of a present name with O_CREAT works': () =>
    withFile('number', O_WRONLY | O_CREAT, () => 'opened'),
  'open of a missing name is ENOENT': () => read('missing'),
  'mkdir is EPERM': () => fs.mkdirSync(at('missing')),
  'unlink is EPERM': () => fs.unlinkSync(at('number')),
  'rmdir is EPERM': () => fs.rmdirSync('/sys/bus/demo'),
  'rename is EPERM': () => fs.renameSync(at('number'), at('missing')),
  'link is EPERM': () => fs.linkSync(at('number'), at('missing')),
  'symlink is EPERM': () => fs.symlinkSync('number', at('missing')),
  'fsync works': () => withFile('number', O_WRONLY, (fd) => fs.fsyncSync(fd) ?? 'ok'),
  'links are relative, and lead there': () => [
    fs.readlinkSync('/sys/bus/demo/devices/knobs'),
    fs.realpathSync('/sys/bus/demo/devices/knobs'),
  ],
  'a listing has the order of sysfs': () => listUnsorted(KNOBS),
  'a listing knows the types': () =>
    fs
      .readdirSync('/sys/bus/demo/devices', { withFileTypes: true })
      .map((entry) => entry.isSymbolicLink()),
  'a file appears and disappears without delay': () => {
    write('add', 'extra\n');
    const seen = [
      fs.existsSync(at('extra')),
      read('extra'),
      fs.readdirSync(KNOBS).includes('extra'),
    ];
    write('remove', 'extra\n');
    return [...seen, fs.existsSync(at('extra')), fs.readdirSync(KNOBS).includes('extra')];
  },
  'a file made anew is another file': () => {
    write('add', 'extra\n');
    const old = fs.openSync(at('extra'), O_RDWR);
    write('remove', 'extra\n');
    write('add', 'extra\n');
    const results = [
      attempt(() => readAt(old, 10, 0)),
      attempt(() => fs.writeSync(old, 'x')),
      read('extra'),
    ];
    fs.closeSync(old);
    write('remove', 'extra\n');
    return results;
  },
  'a fault of the model is EIO': () => read('broken'),
  'a deep path is followed through links': () =>
    fs.readFileSync('/sys/bus/demo/../demo/devices/knobs/number', 'latin1'),
  'statfs gives the block size': () => fs.statfsSync('/sys').bsize,
};

function attempt(run) {
  try {
    return run();
  } catch (error) {
    return error.code;
  }
}

const results = Object.fromEntries(
  Object.entries(cases).map(([name, run]) => [name, attempt(run) ?? 'done']),
);
console.log(JSON.stringify(results));
