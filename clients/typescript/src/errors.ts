// What a caller meets when something goes wrong: the violations of a request are told by field, as by the Python client.
import { ServiceError, status } from '@grpc/grpc-js';
import { decodeBadRequest, decodeStatus } from './protos';
import type { Any__Output } from './generated/google/protobuf/Any';
import type { TrainingJob__Output } from './generated/trainwright/v1/TrainingJob';

const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';
const DETAILS = 'grpc-status-details-bin';

/** One thing wrong with a request: the path of the value, such as `data.target`, and what would be right. */
export interface Violation {
  readonly field: string;
  readonly message: string;
}

/** The service refused or failed a call, or did not answer it. */
export class CallError extends Error {
  constructor(
    message: string,
    /** gRPC status code. */
    readonly code: status,
    /** Which fields were wrong, and how; empty where the answer names none. */
    readonly violations: readonly Violation[] = [],
  ) {
    super(told(message, violations));
    this.name = 'CallError';
  }
}

/** The job ended without a result; `job.error_kind` says who can mend it. */
export class JobEndedError extends Error {
  readonly violations: readonly Violation[];

  constructor(readonly job: TrainingJob__Output) {
    const violations = violationsOf(job.error?.details ?? []);
    super(told(`${job.name} ${job.state}: ${job.error?.message ?? 'no reason was given'}`, violations));
    this.name = 'JobEndedError';
    this.violations = violations;
  }
}

/** The error of a call as a CallError; anything else stays as it is. */
export function asCallError(error: unknown): unknown {
  if (!isServiceError(error)) return error;
  const [details] = error.metadata.get(DETAILS);
  const found = details instanceof Buffer ? violationsOf(decodeStatus(details).details) : [];
  return new CallError(error.details, error.code, found);
}

export function violationsOf(details: readonly Any__Output[]): Violation[] {
  return details
    .filter((detail) => detail.type_url === BAD_REQUEST)
    .flatMap((detail) => decodeBadRequest(detail.value).field_violations)
    .map((each) => ({ field: each.field, message: each.description }));
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'metadata' in error;
}

function told(message: string, violations: readonly Violation[]): string {
  return [message, ...violations.map((each) => `  ${each.field}: ${each.message}`)].join('\n');
}
