import { nodeGroupSuite } from '../../suites/node-group';
import { memoryNodeGroup } from '../../support/memory-node-group';

nodeGroupSuite('memory', (ids) => {
  const group = memoryNodeGroup(ids);
  return {
    group,
    size: () => group.size,
    setState: (id, state) => void Object.assign(group.members.find((member) => member.id === id) ?? {}, { state }),
    setWanted: (nodes) => {
      group.wantedNodes = nodes;
    },
  };
});
