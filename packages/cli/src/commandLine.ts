/** The command line. */
export async function runCommandLine(_arguments: readonly string[]): Promise<number> {
  return 2;
}
