/** What `--root` means wherever trees are dumped or compared. */
export const ROOT_HELP = 'only what this path names; * and ** are wildcards';
