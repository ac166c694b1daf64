import type { Generation, ObjectStore, StoredObject } from '../ports/stores';

/** Characters of text, all objects together: some thousand live playlists. */
const MAX_CHARACTERS = 16 << 20;

interface RememberedText {
  generation: Generation;
  text: string;
}

/** Texts by name, the one used longest ago first, at most so many characters of them. */
class Texts {
  private readonly byName = new Map<string, RememberedText>();
  private characters = 0;

  constructor(private readonly most: number) {}

  get(name: string): RememberedText | undefined {
    return this.byName.get(name);
  }

  set(name: string, known: RememberedText): void {
    this.delete(name);
    if (known.text.length > this.most) return;
    this.byName.set(name, known);
    this.characters += known.text.length;
    for (const oldest of this.byName.keys()) {
      if (this.characters <= this.most) return;
      this.delete(oldest);
    }
  }

  delete(name: string): void {
    this.characters -= this.byName.get(name)?.text.length ?? 0;
    this.byName.delete(name);
  }
}

/**
 * `store`, which asks for bytes only when it has not read or written them itself: a read of an object whose generation
 * is known is one request for its metadata. What it answers is as fresh as without. For objects that are read before
 * each write, as playlists are.
 */
export function rememberingStore(store: ObjectStore, mostCharacters = MAX_CHARACTERS): ObjectStore {
  const texts = new Texts(mostCharacters);
  const readAgain = async (name: string) => {
    const found = await store.read(name);
    if (found === undefined) texts.delete(name);
    else texts.set(name, { generation: found.generation, text: found.text });
    return found;
  };
  const remembered = (name: string, stored: StoredObject | undefined) => {
    const known = texts.get(name);
    if (stored === undefined || known?.generation !== stored.generation) return undefined;
    texts.set(name, known);
    return { ...stored, text: known.text };
  };
  return {
    async read(name) {
      if (texts.get(name) === undefined) return readAgain(name);
      return remembered(name, await store.stat(name)) ?? readAgain(name);
    },
    async write(name, content, options) {
      const result = await store.write(name, content, options);
      if (result.kind === 'written' && typeof content === 'string') {
        texts.set(name, { generation: result.generation, text: content });
      }
      return result;
    },
    stat: (name) => store.stat(name),
    list: (prefix) => store.list(prefix),
    remove: (name, generation) => store.remove(name, generation),
  };
}
