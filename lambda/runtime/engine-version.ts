import manifest from '../../package.json' with { type: 'json' };

/** Version of this project, as it is written into an object's metadata. */
export const ENGINE_VERSION: string = manifest.version;
