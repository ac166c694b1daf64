import type { GroupMember, NodeGroup } from '../../functions/ports/node-group';

export interface OpenedGroup {
  group: NodeGroup;
  /** Returns the number of VMs that the cloud keeps up. */
  size(): number;
  setState(id: string, state: GroupMember['state']): void;
  setWanted(nodes: number | undefined): void;
}

/**
 * Tests the contract of every `NodeGroup`: run for memory, and for Compute Engine's API. `open` answers one of the
 * running VMs it is given.
 */
export function nodeGroupSuite(name: string, open: (ids: readonly string[]) => OpenedGroup): void {
  describe(`NodeGroup: ${name}`, () => {
    it('lists its VMs with what they are about', async () => {
      const { group, setState } = open(['node-a', 'node-b', 'node-c']);
      setState('node-b', 'moving');
      setState('node-c', 'leaving');
      const { members } = await group.read();
      expect([...members].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: 'node-a', state: 'running' },
        { id: 'node-b', state: 'moving' },
        { id: 'node-c', state: 'leaving' },
      ]);
    });

    it('may be empty', async () => {
      expect((await open([]).group.read()).members).toEqual([]);
    });

    it('says how many the autoscaler wants, once it knows', async () => {
      const { group, setWanted } = open(['node-a']);
      setWanted(undefined);
      expect((await group.read()).wantedNodes).toBeUndefined();
      setWanted(3);
      expect((await group.read()).wantedNodes).toBe(3);
    });

    it('removes a VM once, and is smaller by one', async () => {
      const { group, size } = open(['node-a', 'node-b']);
      expect(await group.remove('node-a')).toBe(true);
      expect(await group.remove('node-a')).toBe(false);
      expect(size()).toBe(1);
      expect((await group.read()).members).toContainEqual({ id: 'node-a', state: 'leaving' });
    });

    it('replaces a VM once, and keeps its size', async () => {
      const { group, size } = open(['node-a', 'node-b']);
      expect(await group.replace('node-a')).toBe(true);
      expect(await group.replace('node-a')).toBe(false);
      expect(size()).toBe(2);
      expect((await group.read()).members).toContainEqual({ id: 'node-a', state: 'moving' });
    });

    it('does nothing about a VM it does not have', async () => {
      const { group, size } = open(['node-a']);
      expect([await group.remove('node-z'), await group.replace('node-z')]).toEqual([false, false]);
      expect(size()).toBe(1);
    });
  });
}
