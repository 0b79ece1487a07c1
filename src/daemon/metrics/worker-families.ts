import { maskedText } from '../../secrets/masked-text.ts'
import { type MetricFamily, prometheusText } from './prometheus-text.ts'
import type { WorkerNumbers } from './worker-meter.ts'

/** Returns the metrics page of a worker. */
export function workerPage(numbers: WorkerNumbers, version: string): string {
  return maskedText(prometheusText(workerFamilies(numbers, version)))
}

/** Names and labels are stable. */
export function workerFamilies({ queue, worker, objectsPerSecond }: WorkerNumbers, version: string): MetricFamily[] {
  const states = queue === undefined ? [] : (['waiting', 'active', 'delayed', 'failed'] as const)
  return [
    {
      ...gauge('crosstrail_build_info', 'The version, as a label'),
      samples: [{ labels: { version }, value: 1 }],
    },
    {
      ...gauge('crosstrail_fleet_slices', 'Slices of all runs in the queue, by state'),
      samples: states.map((state) => ({ labels: { state }, value: queue?.[state] ?? 0 })),
    },
    {
      ...gauge('crosstrail_worker_active_slices', 'Slices that this worker has in work'),
      samples: [{ value: worker.active }],
    },
    {
      ...counter('crosstrail_worker_slices_total', 'Slices that this worker ended, by result'),
      samples: [
        { labels: { result: 'good' }, value: worker.slices - worker.bad },
        { labels: { result: 'bad' }, value: worker.bad },
        { labels: { result: 'handed-back' }, value: worker.handedBack },
      ],
    },
    {
      ...counter('crosstrail_worker_objects_total', 'Log objects done, skipped or failed'),
      samples: [{ value: worker.objects }],
    },
    {
      ...counter('crosstrail_worker_bytes_total', 'Bytes of log objects done'),
      samples: [{ value: worker.bytes }],
    },
    {
      ...gauge('crosstrail_worker_objects_per_second', 'Log objects per second in the last minute'),
      samples: [{ value: objectsPerSecond }],
    },
  ]
}

function counter(name: string, help: string): Omit<MetricFamily, 'samples'> {
  return { name, type: 'counter', help }
}

function gauge(name: string, help: string): Omit<MetricFamily, 'samples'> {
  return { name, type: 'gauge', help }
}
