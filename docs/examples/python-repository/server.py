"""A folder of CSV files as a Sciclomatic repository: each file is a dataset of one file.

    python server.py FOLDER [--port 0] [--id python-csv] [--register HOST:PORT] [--institution ID]

Serves sciclomatic.catalog.v1.RepositoryService, grpc.health.v1 and reflection; with --register it also keeps a lease at
the registry. Contracts: proto/sciclomatic/. Written to be read: it is the whole of what an institution has to implement.
"""

import argparse
import hashlib
import json
import sys
import threading
from concurrent import futures
from datetime import datetime, timezone
from pathlib import Path

import grpc

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "proto"))
catalog, catalog_services = grpc.protos_and_services("sciclomatic/catalog/v1/repository.proto")
registry, registry_services = grpc.protos_and_services("sciclomatic/registry/v1/registry.proto")

from grpc_health.v1 import health, health_pb2, health_pb2_grpc  # noqa: E402
from grpc_reflection.v1alpha import reflection  # noqa: E402

PIECE_BYTES = 256 * 1024
BATCH_RECORDS = 100


def fail(context, status, code, message):
    """Ends the call; the code of docs/errors.md travels beside the gRPC status."""
    context.set_trailing_metadata((("sc-error-code", code),))
    context.abort(status, message)


class Repository(catalog_services.RepositoryServiceServicer):
    def __init__(self, repository, folder):
        self.id, self.folder = repository, folder

    def names(self):
        return sorted(path.name for path in self.folder.glob("*.csv") if path.is_file())

    def path(self, local_id, context):
        if local_id not in self.names():
            fail(context, grpc.StatusCode.NOT_FOUND, "NOT_FOUND", f"No dataset {local_id}")
        return self.folder / local_id

    def record(self, name):
        content = (self.folder / name).read_bytes()
        header = content.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
        changed = datetime.fromtimestamp((self.folder / name).stat().st_mtime, timezone.utc)
        return json.dumps({
            "id": f"{self.id}:{name.replace('%', '%25').replace('#', '%23')}",
            "title": Path(name).stem.replace("-", " ").replace("_", " "),
            "description": f"Table with the columns {header}",
            "creators": [],
            "subjects": ["CSV"],
            "updatedAt": changed.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "files": [{
                "path": name,
                "sizeBytes": len(content),
                "mediaType": "text/csv",
                "checksums": [{"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest(), "origin": "SOURCE"}],
            }],
        }).encode()

    def Describe(self, request, context):
        supports = catalog.RepositorySupports(files=True, file_bytes=True, ranges=True)
        return catalog.DescribeResponse(repositories=[catalog.Repository(
            id=self.id, name="CSV folder", description=f"The CSV files of {self.folder.name}", supports=supports)])

    def ListDatasets(self, request, context):
        self.check(request, context)
        names = self.names()
        if request.after:  # a cursor is the name of the last file told, so it holds while files come and go
            if not request.after.startswith("name:"):
                fail(context, grpc.StatusCode.INVALID_ARGUMENT, "BAD_CURSOR", "This cursor was not issued here")
            names = [name for name in names if name > request.after[5:]]
        for start in range(0, len(names), BATCH_RECORDS):
            batch = names[start:start + BATCH_RECORDS]
            yield catalog.ListDatasetsResponse(records_json=map(self.record, batch), cursor=f"name:{batch[-1]}")

    def ReadDataset(self, request, context):
        self.check(request, context)
        return catalog.ReadDatasetResponse(record_json=self.record(self.path(request.local_id, context).name))

    def OpenFile(self, request, context):
        self.check(request, context)
        path = self.path(request.local_id, context)
        size = path.stat().st_size
        if request.path != path.name:
            fail(context, grpc.StatusCode.NOT_FOUND, "NOT_FOUND", f"{request.local_id} has no file {request.path}")
        if request.offset > size:
            fail(context, grpc.StatusCode.INVALID_ARGUMENT, "BAD_INPUT", f"Offset {request.offset} is outside {size} bytes")
        left = min(request.length, size - request.offset) if request.HasField("length") else size - request.offset
        with path.open("rb") as file:
            file.seek(request.offset)
            while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
                left -= len(piece)
                yield catalog.OpenFileResponse(bytes=piece)

    def check(self, request, context):
        if request.repository != self.id:
            fail(context, grpc.StatusCode.NOT_FOUND, "UNKNOWN_REPOSITORY", f"This server does not offer {request.repository}")


def keep_registered(address, adapter, stopped):
    """Registers, then sends a heartbeat three times a lease; registers again whenever the lease is lost."""
    service = registry_services.RegistryServiceStub(grpc.insecure_channel(address))
    while not stopped.is_set():
        try:
            lease = service.Register(registry.RegisterRequest(adapter=adapter), timeout=5)
            while not stopped.wait(lease.lease_ms / 3000):
                service.Heartbeat(registry.HeartbeatRequest(lease_id=lease.lease_id), timeout=5)
            service.Deregister(registry.DeregisterRequest(lease_id=lease.lease_id), timeout=5)
        except grpc.RpcError as error:
            print(f"registry {address}: {error.code().name}: {error.details()}", file=sys.stderr, flush=True)
            stopped.wait(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--id", default="python-csv")
    parser.add_argument("--register", metavar="HOST:PORT")
    parser.add_argument("--institution", default="python-example")
    options = parser.parse_args()

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    catalog_services.add_RepositoryServiceServicer_to_server(Repository(options.id, options.folder), server)
    status = health.HealthServicer()
    status.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(status, server)
    services = [catalog.DESCRIPTOR.services_by_name["RepositoryService"].full_name, health.SERVICE_NAME, reflection.SERVICE_NAME]
    reflection.enable_server_reflection(services, server)
    port = server.add_insecure_port(f"127.0.0.1:{options.port}")
    server.start()
    print(f"127.0.0.1:{port}", flush=True)

    stopped = threading.Event()
    if options.register:
        institution = registry.Institution(id=options.institution, name="Python example")
        adapter = registry.Adapter(id=options.id, kind=registry.ADAPTER_KIND_REPOSITORY, institution=institution,
                                   address=f"127.0.0.1:{port}", supports=["files", "fileBytes", "ranges"], name="CSV folder")
        threading.Thread(target=keep_registered, args=(options.register, adapter, stopped), daemon=True).start()
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:
        stopped.set()
        server.stop(1).wait()


if __name__ == "__main__":
    main()
