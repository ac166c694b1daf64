import type { CdnInvalidator } from '../../functions/ports/stores';

export interface CdnUnderTest {
  readonly cdn: CdnInvalidator;
  /** From now on it takes so many requests more, until `minuteLater`. */
  takes(requests: number): Promise<void> | void;
  minuteLater(): Promise<void> | void;
  /** Returns the paths that it was asked to invalidate, in order. */
  forgotten(): readonly string[];
}

const PATH = '/open/p/abcdefgh01234567/*';

/** Tests the contract of every `CdnInvalidator`. */
export function cdnInvalidatorSuite(name: string, open: () => CdnUnderTest): void {
  describe(`CdnInvalidator: ${name}`, () => {
    let subject: CdnUnderTest;
    beforeEach(() => {
      subject = open();
    });

    it('takes a path, and says under the name it gave when it is done', async () => {
      const answer = await subject.cdn.request(PATH);
      expect(answer).toMatchObject({ kind: 'accepted', operation: expect.stringMatching(/./) });
      expect(subject.forgotten()).toEqual([PATH]);
      if (answer.kind === 'accepted') expect(await subject.cdn.isDone(answer.operation)).toBe(true);
    });

    it('takes the same path again, as work of its own', async () => {
      const first = await subject.cdn.request(PATH);
      const second = await subject.cdn.request(PATH);
      expect(second).toMatchObject({ kind: 'accepted' });
      expect(second).not.toEqual(first);
    });

    it('answers that the quota is used up, with what was said, and takes the path a minute later', async () => {
      await subject.takes(1);
      expect(await subject.cdn.request(PATH)).toMatchObject({ kind: 'accepted' });
      const asked = subject.forgotten().length;
      expect(await subject.cdn.request(PATH)).toEqual({ kind: 'quota', detail: expect.stringMatching(/rate|quota/i) });
      expect(subject.forgotten()).toHaveLength(asked);
      await subject.minuteLater();
      expect(await subject.cdn.request(PATH)).toMatchObject({ kind: 'accepted' });
    });
  });
}
