import { join } from 'node:path'
import { expect, it } from 'vitest'
import { unitsFolder } from '../../config-units/unit-files.ts'
import { aws, describeWithAws } from './aws-cli.ts'

describeWithAws('the job definition of AWS Batch', () => {
  it('is valid by the schema of the service', async () => {
    const file = `file://${join(unitsFolder, 'batch/job-definition.json')}`
    // With a skeleton, the AWS CLI checks the input and sends nothing.
    const args = ['batch', 'register-job-definition', '--cli-input-json', file, '--generate-cli-skeleton', 'output']
    const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', AWS_DEFAULT_REGION: 'us-east-1' }
    const { exitCode, stdout, stderr } = await aws(args, env)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain('jobDefinitionArn')
  })
})
