//! Why an answer did not come.

/** Kinds that concern the whole page, whichever request met them. */
export const GENERAL = new Set(['signed-out', 'forbidden', 'limited', 'offline', 'blocked', 'misrouted']);

/**
 * `kind`: `signed-out` `forbidden` `limited` `unreachable` `offline` `blocked` `misrouted` `wrong-answer`. `wait` are seconds to wait before it is worth asking again,
 * `detail` a short text for the person who is to mend it.
 */
export class Failure extends Error {
  constructor(kind, { wait = null, detail = '' } = {}) {
    super(kind);
    this.kind = kind;
    this.wait = wait;
    this.detail = detail;
  }
}
