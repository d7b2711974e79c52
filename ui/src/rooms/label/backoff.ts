/** How long to wait before try number `tries` + 1, in milliseconds: 1, 2, 4, 8, 15 seconds and 15 from then on. */
export const backoff = (tries: number): number => Math.min(15_000, 1000 * 2 ** Math.max(0, tries - 1));
