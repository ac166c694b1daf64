import { TerraformOutput, type TerraformStack } from 'cdktf';

/** Lets `apply` end with what the operator does next, however it was started. */
export function sayNext(stack: TerraformStack, value: string): void {
  new TerraformOutput(stack, 'next', { value, description: 'What comes next.' });
}
