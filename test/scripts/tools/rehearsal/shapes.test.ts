import { Discovery, shapesFrom } from '../../../../scripts/tools/rehearsal/shapes/discovery';
import { shapeOf, strangeIn } from '../../../../scripts/tools/rehearsal/shapes/shape';

const document = Discovery.parse({
  resources: {
    projects: {
      resources: {
        jobs: {
          methods: {
            create: {
              httpMethod: 'POST',
              path: 'v1/{+parent}/jobs',
              flatPath: 'v1/projects/{p}/jobs',
              request: { $ref: 'Job' },
            },
            get: { httpMethod: 'GET', path: 'v1/{+name}', flatPath: 'v1/projects/{p}/jobs/{j}' },
          },
        },
      },
    },
  },
  schemas: {
    Job: {
      properties: {
        name: { type: 'string' },
        tries: { type: 'integer', format: 'int32' },
        size: { type: 'string', format: 'int64' },
        on: { type: 'boolean' },
        kind: { type: 'string', enum: ['FAST', 'SLOW'] },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        steps: { type: 'array', items: { $ref: 'Step' } },
      },
    },
    Step: { properties: { job: { $ref: 'Job' }, free: { type: 'any' } } },
    Unused: { properties: {} },
  },
});
const shapes = shapesFrom(document, ['jobs']);

describe('shapes of requests, taken from a discovery document', () => {
  it('are those that the wanted collections send, and all that those name', () => {
    expect(shapes).toEqual({
      requests: { 'POST projects/*/jobs': 'Job' },
      shapes: {
        Job: 'kind:(FAST|SLOW) labels:{s} name:s on:b size:n steps:[@Step] tries:n',
        Step: 'free:* job:@Job',
      },
    });
  });

  it('are found by method and path, with any id', () => {
    expect(shapeOf(shapes, 'POST', 'projects/p/jobs')).toBe('Job');
    expect(shapeOf(shapes, 'PUT', 'projects/p/jobs')).toBeUndefined();
    expect(shapeOf(shapes, 'POST', 'projects/p/jobs/j')).toBeUndefined();
  });

  it('take what fits, a number as text, and null', () => {
    const body = {
      name: 'n',
      tries: '3',
      size: 4,
      on: false,
      kind: 'FAST',
      labels: { a: 'b' },
      steps: [{ job: { name: null }, free: 1 }],
    };
    expect(strangeIn(shapes, 'Job', body)).toEqual([]);
  });

  it.each([
    [{ nam: 'n' }, `Unknown name "nam" at '': Cannot find field.`],
    [{ steps: [{ job: { nam: 1 } }] }, `Unknown name "nam" at 'steps[0].job': Cannot find field.`],
    [{ kind: 'LAZY' }, `Invalid value at 'kind', "LAZY"`],
    [{ tries: 'three' }, `Invalid value at 'tries', "three"`],
    [{ on: 'true' }, `Invalid value at 'on', "true"`],
    [{ labels: { a: {} } }, `Invalid value at 'labels.a', {}`],
    [{ steps: {} }, `Invalid value at 'steps', {}`],
    [{ steps: ['a'] }, `Invalid value at 'steps[0]', "a"`],
  ])('refuse what does not, and name the place: %j', (body, message) => {
    expect(strangeIn(shapes, 'Job', body)).toEqual([message]);
  });
});
