import { CrosstrailError } from '../../src/error.ts'

/** The code of what the action throws; `none` when it throws nothing. Anything but a CrosstrailError passes through. */
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
