// Checks that what is installed is what was chosen: `npm ci` compares a package with the sha512 in
// package-lock.json, and installs one without it unchecked. Prints each problem; exit 1 if there is
// one.
//
//   node scripts/check-lock.mjs [FOLDER] FOLDER: with package.json and package-lock.json; default:
//   this project
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder = dirname(dirname(fileURLToPath(import.meta.url)))] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name), 'utf8');

const EXACT = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;
/** 64 bytes in base64. */
const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'];

const lockText = read('package-lock.json');
const locked = JSON.parse(lockText).packages ?? {};
const wanted = KINDS.flatMap((kind) =>
  Object.entries(JSON.parse(read('package.json'))[kind] ?? {}),
);

const problems = [
  ...wanted.flatMap(([name, version]) => [
    ...(EXACT.test(version) ? [] : [`package.json: ${name} has '${version}': name one version`]),
    ...(locked[`node_modules/${name}`]?.version === version
      ? []
      : [`package-lock.json: ${name} is not the ${version} of package.json: run npm install`]),
  ]),
  ...Object.entries(locked)
    .filter(([path, { link }]) => path !== '' && !link)
    .filter(([, { integrity }]) => !SHA512.test(integrity ?? ''))
    .map(
      ([path, { version }]) =>
        `package-lock.json: ${path} has no sha512: add "integrity", which npm view ${path.split('node_modules/').at(-1)}@${version} dist.integrity prints`,
    ),
  // A host would bind everyone to one registry: where packages come from is a matter of each one's
  // npm configuration.
  ...(/"resolved"\s*:\s*"https?:/.test(lockText)
    ? ['package-lock.json names a registry: npm config set omit-lockfile-registry-resolved true']
    : []),
];

for (const problem of problems) console.error(problem);
if (problems.length === 0)
  console.log(
    `package-lock.json: ${Object.keys(locked).length - 1} packages, each with its sha512`,
  );
process.exitCode = problems.length > 0 ? 1 : 0;
