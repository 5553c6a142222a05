/** Where AWS publishes which services and actions there are. */
export interface ReferenceSource {
  /** @throws AdapterError when it cannot be read */
  services(): Promise<readonly ReferenceEntry[]>;
  /**
   * @param etag of the state that is known already
   * @throws AdapterError when it cannot be read, or is not of the documented shape
   */
  service(entry: ReferenceEntry, etag: string | undefined): Promise<ReferenceAnswer>;
}

export interface ReferenceEntry {
  readonly service: string;
  readonly url: string;
}

export type ReferenceAnswer =
  | { readonly kind: 'same' }
  | {
      readonly kind: 'fresh';
      readonly etag: string | undefined;
      readonly actions: readonly {
        readonly name: string;
        /** AWS can report this action as unused by itself. */
        readonly isTracked: boolean;
      }[];
    };
