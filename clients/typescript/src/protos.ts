// Loads the contract from its proto files; the types beside it are generated from the same files.
import * as path from 'node:path';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync, MessageTypeDefinition } from '@grpc/proto-loader';
import type { BadRequest__Output } from './generated/google/rpc/BadRequest';
import type { Status__Output } from './generated/google/rpc/Status';
import type { ProtoGrpcType } from './generated/training_service';

const folder = path.join(__dirname, '..', '..', 'proto');
const definition = loadSync(['trainwright/v1/training_service.proto', 'google/rpc/error_details.proto'], {
  includeDirs: [folder, path.join(folder, 'third_party')],
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
});

export const { TrainingService } = (loadPackageDefinition(definition) as unknown as ProtoGrpcType).trainwright.v1;

export const decodeStatus = decoder<Status__Output>('google.rpc.Status');
export const decodeBadRequest = decoder<BadRequest__Output>('google.rpc.BadRequest');

function decoder<T>(type: string): (bytes: Buffer) => T {
  const { deserialize } = definition[type] as MessageTypeDefinition<object, object>;
  return (bytes) => deserialize(bytes) as T;
}
