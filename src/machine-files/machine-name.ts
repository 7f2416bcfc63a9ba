/** Whether what was asked for is the file of a machine, by the look of it, or else a name. */
export function looksLikeFile(nameOrFile: string): boolean {
  return nameOrFile === '-' || nameOrFile.includes('/') || /\.ya?ml$/.test(nameOrFile);
}
