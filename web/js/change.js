//! What may be said about a number and the one before it. Pure.

/** Below this number before, a share would be noise. */
export const SHARE_FROM = 20;

/**
 * `kind`: `none` (nothing to compare with), `no-data` (the comparison begins before anything is known), `new` (from 0), `same`, `absolute`
 * (too few for a share) or `share`.
 */
export function changeOf(now, before, { compared = true, known = true } = {}) {
  if (!compared) return { kind: 'none' };
  if (!known || now === null || before === null) return { kind: 'no-data' };
  const difference = now - before;
  if (difference === 0) return { kind: 'same', difference };
  if (before === 0) return { kind: 'new', difference };
  if (before < SHARE_FROM) return { kind: 'absolute', difference };
  return { kind: 'share', difference, share: difference / before };
}
