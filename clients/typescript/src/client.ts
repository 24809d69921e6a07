// A small client: submit a job, follow it over lost connections, read its report.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ChannelCredentials, ClientReadableStream, credentials, Metadata, status } from '@grpc/grpc-js';
import { asCallError, CallError, JobEndedError } from './errors';
import { TrainingService } from './protos';
import type { JobEvent__Output } from './generated/trainwright/v1/JobEvent';
import type { TrainingJob__Output } from './generated/trainwright/v1/TrainingJob';
import type { TrainingReport__Output } from './generated/trainwright/v1/TrainingReport';
import type { TrainingSpec } from './generated/trainwright/v1/TrainingSpec';
import type { WatchTrainingJobResponse__Output } from './generated/trainwright/v1/WatchTrainingJobResponse';

const FINAL: ReadonlySet<string> = new Set(['JOB_STATE_SUCCEEDED', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLED']);
const LOST: ReadonlySet<status> = new Set([status.UNAVAILABLE, status.CANCELLED]);
const PATIENCE_MS = 300_000; // without any answer, until a lost connection is an error
const LONGEST_PAUSE_MS = 5_000;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]):\d+$/;

// Every call here carries a request id or only reads, so it may be repeated; a watch resumes by itself.
const SERVICE_CONFIG = {
  methodConfig: ['CreateTrainingJob', 'GetTrainingJob', 'CancelTrainingJob'].map((method) => ({
    name: [{ service: 'trainwright.v1.TrainingService', method }],
    retryPolicy: {
      maxAttempts: 5,
      initialBackoff: '0.2s',
      maxBackoff: '1s',
      backoffMultiplier: 2,
      retryableStatusCodes: ['UNAVAILABLE'],
    },
  })),
};

export interface ClientOptions {
  /** TLS credentials. Default: in the clear, as a service on this machine takes it. */
  readonly credentials?: ChannelCredentials;
  /** Bearer token. In the clear it is sent to this machine only. */
  readonly token?: string;
  /** Milliseconds allowed for a call, its retries included; a watch has no limit. Default 60 000. */
  readonly timeoutMs?: number;
}

export interface SubmitOptions {
  /** Makes the call safe to repeat: the same id and spec give the same job. Default: a new one. */
  readonly requestId?: string;
  /** Labels to find the job by. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A client of the training service. Calls throw CallError; close it at the end. */
export class TrainingClient {
  private readonly stub: InstanceType<typeof TrainingService>;
  private readonly metadata = new Metadata();
  private readonly timeoutMs: number;

  constructor(target = '127.0.0.1:50151', options: ClientOptions = {}) {
    if (options.token !== undefined) {
      if (!options.credentials && !LOOPBACK.test(target)) {
        throw new Error(`a token would travel to ${target} in the clear; give credentials for TLS`);
      }
      this.metadata.set('authorization', `Bearer ${options.token}`);
    }
    this.timeoutMs = options.timeoutMs ?? 60_000;
    this.stub = new TrainingService(target, options.credentials ?? credentials.createInsecure(), {
      'grpc.service_config': JSON.stringify(SERVICE_CONFIG),
      'grpc.max_receive_message_length': 64 << 20, // a report with its curves
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': LONGEST_PAUSE_MS,
    });
  }

  /** Starts a job and returns its name, `trainingJobs/{id}`. A spec that cannot be trained is refused with its violations. */
  async submit(spec: TrainingSpec, options: SubmitOptions = {}): Promise<string> {
    const request = { spec, labels: { ...options.labels }, request_id: options.requestId ?? randomUUID() };
    const answer = await this.call<{ job: TrainingJob__Output | null }>((...call) =>
      this.stub.CreateTrainingJob(request, ...call),
    );
    return answer.job!.name;
  }

  /** Reads a job as it is now. */
  async get(name: string): Promise<TrainingJob__Output> {
    const answer = await this.call<{ job: TrainingJob__Output | null }>((...call) =>
      this.stub.GetTrainingJob({ name }, ...call),
    );
    return answer.job!;
  }

  /** Stops a job; one that has ended is left as it is. */
  async cancel(name: string, reason = ''): Promise<TrainingJob__Output> {
    const request = { name, reason, request_id: randomUUID() };
    const answer = await this.call<{ job: TrainingJob__Output | null }>((...call) =>
      this.stub.CancelTrainingJob(request, ...call),
    );
    return answer.job!;
  }

  /**
   * Follows a job's events to its end, each once and in order, over as many connections as it takes.
   *
   * @param after Sequence of the last event already seen.
   */
  async *watch(name: string, after = 0): AsyncGenerator<JobEvent__Output, void, undefined> {
    let lostSince = 0;
    for (let losses = 0; ; ) {
      const stream = this.stub.WatchTrainingJob({ name, after_sequence: after }, this.metadata);
      try {
        for await (const message of messages(stream)) {
          losses = 0;
          const { snapshot, event } = message;
          if (snapshot && FINAL.has(snapshot.state) && snapshot.last_sequence <= after) return;
          if (!event || event.sequence <= after) continue;
          after = event.sequence;
          yield event;
          if (event.state && FINAL.has(event.state.to)) return;
        }
      } catch (error) {
        const failed = asCallError(error);
        if (!(failed instanceof CallError) || !LOST.has(failed.code)) throw failed;
        if (losses > 0 && Date.now() - lostSince > PATIENCE_MS) throw failed;
      } finally {
        stream.cancel();
      }
      if (losses++ === 0) lostSince = Date.now();
      await pause(Math.min(LONGEST_PAUSE_MS, 100 * 2 ** Math.min(losses, 10)) * (0.5 + Math.random() / 2));
    }
  }

  /** Reads the report of a job that has succeeded; throws JobEndedError, with its violations, for one that has not. */
  async report(name: string): Promise<TrainingReport__Output> {
    const job = await this.get(name);
    if (job.report) return job.report;
    if (FINAL.has(job.state)) throw new JobEndedError(job);
    throw new Error(`${name} is ${job.state} and has no report yet; watch it to its end`);
  }

  close(): void {
    this.stub.close();
  }

  private call<T>(
    make: (metadata: Metadata, options: { deadline: number }, done: (error: unknown, answer?: T) => void) => unknown,
  ): Promise<T> {
    return new Promise((resolve, reject) =>
      make(this.metadata, { deadline: Date.now() + this.timeoutMs }, (error, answer) =>
        error ? reject(asCallError(error)) : resolve(answer as T),
      ),
    );
  }
}

function messages(
  stream: ClientReadableStream<WatchTrainingJobResponse__Output>,
): AsyncIterable<WatchTrainingJobResponse__Output> {
  return stream;
}
