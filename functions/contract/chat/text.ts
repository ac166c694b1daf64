import { z } from 'zod';

/** Bounds in code points: a letter outside of the first plane is one, and so is each mark that is put over a letter. */
const MAX_TEXT = 500;
const MAX_NAME = 40;

/** Control characters (Unicode Cc) but for the newline; bidi marks are not among them (Cf), and stay. */
const CONTROL = /[^\P{Cc}\n]/u;
const LINE_OR_CONTROL = /\p{Cc}/u;
const HALF = /\p{Surrogate}/u;

const lengthOf = (text: string): number => [...text].length;
const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Refuses control characters, naming the first, and halves of characters. */
const wellFormed = (forbidden: RegExp) => (text: string, context: z.core.$RefinementCtx) => {
  const at = text.search(forbidden);
  const message =
    at < 0
      ? 'use well-formed Unicode'
      : `the control character ${codePoint(text[at] ?? '')} at position ${at + 1} is not allowed`;
  if (at >= 0 || HALF.test(text)) context.addIssue({ code: 'custom', message, input: text });
};

const bounded = (max: number) => ({
  check: (text: string) => lengthOf(text) <= max,
  error: ({ input }: { input?: unknown }) => `got ${lengthOf(String(input))} characters, use at most ${max}`,
});
const textBound = bounded(MAX_TEXT);
const nameBound = bounded(MAX_NAME);

/** The text of a message. Readers show it as text. */
export const ChatText = z
  .string()
  .superRefine(wellFormed(CONTROL))
  .refine(textBound.check, { error: textBound.error })
  .refine((text) => text.trim() !== '', 'use at least one character that is no space')
  .meta({
    description: `At most ${MAX_TEXT} characters (Unicode code points). Newlines are its only control characters.`,
    example: 'Hello from Lisbon',
    minLength: 1,
    maxLength: MAX_TEXT,
    pattern: '\\S',
  });

export const ChatName = z
  .string()
  .superRefine(wellFormed(LINE_OR_CONTROL))
  .refine(nameBound.check, { error: nameBound.error })
  .refine((text) => text.trim() !== '', 'use at least one character that is no space')
  .meta({
    description: `The name that readers see, of at most ${MAX_NAME} characters, without control characters.`,
    example: 'Ada',
    minLength: 1,
    maxLength: MAX_NAME,
    pattern: '\\S',
  });
