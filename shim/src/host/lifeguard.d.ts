/** What jco makes of the component; the build puts it there. */
declare module 'lifeguard:component' {
    export function instantiate(
        core: (name: string) => WebAssembly.Module,
        imports: Record<string, unknown>,
    ): { run: { run(): void } };
}
