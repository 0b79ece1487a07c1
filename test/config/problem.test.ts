import { expect, it } from 'vitest'

import { configProblems, invalidConfig } from '../../src/config/problem.ts'
import { CrosstrailError } from '../../src/error.ts'

const at = (line: number, column: number) => ({ path: 'a', line, column, message: 'wrong value' })

it('sorts problems in the order of the file', () => {
  const error = invalidConfig('c.yaml', [at(2, 1), at(1, 9), at(1, 2)])
  expect(configProblems(error).map(({ line, column }) => [line, column])).toEqual([
    [1, 2],
    [1, 9],
    [2, 1],
  ])
})

it('shows the first hundred problems, and keeps all', () => {
  const error = invalidConfig(
    'c.yaml',
    Array.from({ length: 150 }, (_, index) => at(index + 1, 1)),
  )
  expect(error.message.split('\n')).toHaveLength(102)
  expect(error.message).toMatch(/… and 50 more$/)
  expect(configProblems(error)).toHaveLength(150)
  expect(error.facts['count']).toBe(150)
})

it('other errors have no problems', () => {
  const others = [new Error('x'), undefined, new CrosstrailError('config.empty', 'x', { cause: [at(1, 1)] })]
  expect(others.map((error) => configProblems(error))).toEqual([[], [], []])
})
