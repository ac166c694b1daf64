import { Aspects, dependable, type ITerraformDependable, TerraformDataSource, TerraformResource } from 'cdktf';
import type { IConstruct } from 'constructs';

/** Makes everything in `scope` wait until `first` exists, such as the services of its project. */
export function waits(scope: IConstruct, first: readonly ITerraformDependable[]): void {
  const names = first.map(dependable);
  Aspects.of(scope).add({
    visit: (node) => {
      if (node instanceof TerraformResource || node instanceof TerraformDataSource)
        node.dependsOn = [...(node.dependsOn ?? []), ...names];
    },
  });
}
