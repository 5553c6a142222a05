/** What the latest overview told about. */
export interface Announced {
  /** Over the keys of everything that was known then. */
  readonly digest: string;
  /** How many proposals it counted. */
  readonly proposals: number;
}

export interface AnnouncedMark {
  /** Undefined where there was no overview yet. */
  readonly announced: Announced | undefined;
  /** Names this state of the mark; undefined where there is none. */
  readonly version: string | undefined;
}

/** Remembers what has been announced, so that nothing is announced twice. */
export interface AnnouncedStore {
  /** @throws AdapterError; permanent (malformed) where it is something else */
  read(): Promise<AnnouncedMark>;
  /** @returns false where somebody else has written since `version` was read */
  write(announced: Announced, version: string | undefined): Promise<boolean>;
}
