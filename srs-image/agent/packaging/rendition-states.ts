import type { RenditionReport, RenditionTrouble } from '../../../functions/contract/packaging';

/**
 * The renditions of sessions as the node makes them now, for its heartbeats. `Owner`: a session. Kept in memory: after
 * a restart it is known again with the next segment.
 */
export class RenditionStates<Owner extends object> {
  private readonly known = new WeakMap<Owner, readonly RenditionReport[]>();

  /** The states of one session; absent before its first segment is packaged, and for a session in transport streams. */
  of(owner: Owner): readonly RenditionReport[] | undefined {
    return this.known.get(owner);
  }

  /** Notes that the source is packaged. */
  packaged(owner: Owner): void {
    if (!this.known.has(owner)) this.known.set(owner, [{ name: 'source', state: 'made' }]);
  }

  /** Notes that packaging was given up: the rungs are gone with it. */
  unpackaged(owner: Owner): void {
    const reason = 'packager_failed' as const;
    const rungs = (this.known.get(owner) ?? []).filter(({ name }) => name !== 'source');
    this.known.set(owner, [
      { name: 'source', state: 'unpackaged', reason },
      ...rungs.map(({ name }) => ({ name, state: 'shed' as const, reason })),
    ]);
  }

  /**
   * Notes which of the planned rungs are made; the others are not, for the reason they had before, or `reason`. Nothing
   * changes once packaging was given up.
   */
  rungs(owner: Owner, names: { planned: readonly string[]; made: readonly string[]; reason: RenditionTrouble }): void {
    const before = this.known.get(owner) ?? [];
    if (before.some(({ state }) => state === 'unpackaged')) return;
    const rungs = names.planned.map((name): RenditionReport => {
      if (names.made.includes(name)) return { name, state: 'made' };
      return { name, state: 'shed', reason: before.find((each) => each.name === name)?.reason ?? names.reason };
    });
    this.known.set(owner, [{ name: 'source', state: 'made' }, ...rungs]);
  }
}
