import manifest from '../../package.json' with { type: 'json' };

/** Version of this project, as written into the metadata of stored objects. */
export const ENGINE_VERSION: string = manifest.version;
