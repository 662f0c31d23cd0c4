import { create, type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Server } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";

/** Lets clients ask which services there are: grpc.reflection.v1 and v1alpha. */
export function addReflection(server: Server, files: readonly DescFile[]): void {
  const set = create(FileDescriptorSetSchema, { file: files.map(({ proto }) => proto) });
  const definitions = loadFileDescriptorSetFromBuffer(Buffer.from(toBinary(FileDescriptorSetSchema, set)));
  new ReflectionService(definitions).addToServer(server);
}
