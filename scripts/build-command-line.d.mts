export function buildCommandLine(outdir: string, options?: { readonly sourcemap?: boolean }): Promise<void>;
