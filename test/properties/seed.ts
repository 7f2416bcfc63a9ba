/** CXLBOX_SEED, or the one that every test run has. */
export const SEED = Number(process.env.CXLBOX_SEED ?? 20261120);
