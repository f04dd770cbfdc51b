"""Rows sent through the Storage Write API, as the connector sends them: protocol buffers, in several requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from google.cloud.bigquery_storage_v1 import types
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from tests.bigquery_emulator.emulator import Emulator

FIELD_TYPES = {"STRING": 9, "INTEGER": 3, "FLOAT": 1, "BOOLEAN": 8, "DATE": 5, "TIMESTAMP": 3, "NUMERIC": 9}
"""FieldDescriptorProto.Type of a column's values: a date is days, a timestamp microseconds, a NUMERIC a string."""
OPTIONAL, REPEATED = 1, 3
SECONDS = 4

Rows = Sequence[Mapping[str, Any]]


def append(emulator: Emulator, name: str, *requests: Rows) -> None:
    """Append rows to the table's default stream, one request each; ValueError when a request is refused."""
    for answer in emulator.write_client().append_rows(append_requests(emulator, name, *requests), timeout=SECONDS):
        if answer.error.message:
            raise ValueError(answer.error.message)


def append_requests(emulator: Emulator, name: str, *requests: Rows) -> Iterator[types.AppendRowsRequest]:
    """The requests of one connection: the first one names the stream and describes the rows."""
    dataset, table = name.split(".")
    descriptor = _descriptor(emulator, name)
    stream = f"projects/{emulator.project}/datasets/{dataset}/tables/{table}/streams/_default"
    row_class = _message_class(descriptor)
    for number, rows in enumerate(requests):
        data = types.AppendRowsRequest.ProtoData()
        data.rows.serialized_rows = [row_class(**row).SerializeToString() for row in rows]
        if number == 0:
            data.writer_schema.proto_descriptor = descriptor
        yield types.AppendRowsRequest(write_stream=stream if number == 0 else "", proto_rows=data)


def _descriptor(emulator: Emulator, name: str) -> descriptor_pb2.DescriptorProto:
    descriptor = descriptor_pb2.DescriptorProto(name="Row")
    for number, column in enumerate(emulator.client().get_table(name).schema, start=1):
        label = REPEATED if column.mode == "REPEATED" else OPTIONAL
        descriptor.field.add(name=column.name, number=number, label=label, type=FIELD_TYPES[column.field_type])
    return descriptor


def _message_class(descriptor: descriptor_pb2.DescriptorProto) -> Any:
    pool = descriptor_pool.DescriptorPool()
    pool.Add(descriptor_pb2.FileDescriptorProto(name="row.proto", message_type=[descriptor]))
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Row"))
