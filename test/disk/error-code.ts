import { CrosstrailError } from '../../src/error.ts'

/** Returns the code of the CrosstrailError that the action throws, or `none`. Other errors pass through. */
export function codeOf(act: () => unknown): string {
  try {
    act()
    return 'none'
  } catch (error) {
    if (error instanceof CrosstrailError) return error.code
    throw error
  }
}

export async function codeOfAsync(act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
    return 'none'
  } catch (error) {
    if (error instanceof CrosstrailError) return error.code
    throw error
  }
}
