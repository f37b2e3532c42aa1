/**
 * How long tests wait before they call something hung, in ms: tests judge the work, not the clock, and a busy machine may
 * take a hundred times as long. LIMBECK_PATIENCE names other seconds.
 */
export const PATIENCE_MS = 1000 * (Number(process.env.LIMBECK_PATIENCE) || 1200);
