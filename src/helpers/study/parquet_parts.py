"""Surveys that outgrow memory or one machine: a Parquet file in parts, and sums over the parts."""

import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from helpers.errors import InputError

# Respondents in memory at a time: 24 answers of 250,000 respondents are some 50 MB.
ROWS = 250_000
# Seconds to wait for a scheduler and its first worker.
PATIENCE = 20

Sum = TypeVar("Sum")


@dataclass(frozen=True)
class Part:
    """Some row groups of a Parquet file. Small, so that it can be sent where the file can be read.

    Without `columns` all are read; `order` has the categories of text columns, where their order is
    not the alphabet's.
    """

    path: str
    row_groups: tuple[int, ...]
    columns: tuple[str, ...] | None = None
    order: dict[str, list] = field(default_factory=dict)

    def frames(self, rows: int = ROWS) -> Iterator[pd.DataFrame]:
        """Tables of the part, at most `rows` respondents at a time; text comes as categories.

        Raises InputError if a text is none of the categories in `order`.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path) as file:
            texts = [column.name for column in file.schema_arrow if not _is_number(column.type)]
        # Text is kept as the file stores it: each word once, and its number in every row.
        with pq.ParquetFile(self.path, read_dictionary=texts, pre_buffer=False) as file:
            columns = self.columns and list(self.columns)
            for batch in file.iter_batches(rows, list(self.row_groups), columns):
                table = pa.Table.from_batches([batch])
                frame = table.to_pandas(categories=texts, ignore_metadata=True)
                for name in frame.columns.intersection(texts):
                    frame[name] = self._categories(frame[name])
                yield frame

    def _categories(self, column: pd.Series) -> pd.Series:
        order = self.order.get(column.name)
        present = column.cat.remove_unused_categories().cat.categories
        unknown = [] if order is None else list(present.difference(order))
        if unknown:
            raise InputError("{file}: {column} is {value!r}, which is none of {order}",
                             file=Path(self.path).name, column=column.name, value=unknown[0],
                             order=", ".join(map(str, order)))
        return column.cat.set_categories(present.sort_values() if order is None else order)


def parts_of(path: str | Path, columns: list[str] | None = None,
             order: dict[str, list] | None = None, rows: int = 1_000_000) -> list[Part]:
    """Parts of a Parquet file, each of whole row groups, the last of which reaches so many `rows`.

    `columns` are those to read, without it all; `order` has categories of text columns in their
    order, such as zones as `areas` names them. Raises InputError if the file is absent or no
    Parquet file, or has no such column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            sizes = [file.metadata.row_group(number).num_rows
                     for number in range(file.num_row_groups)]
            known = file.schema_arrow.names
    except (OSError, pa.ArrowException) as error:
        raise InputError("{path} cannot be read as a Parquet file: {error}", path=Path(path).name,
                         error=str(error).splitlines()[0]) from error
    absent = [name for name in columns or () if name not in known]
    if absent:
        raise InputError("{path} has no column {column!r}; it has {known}", path=Path(path).name,
                         column=absent[0], known=", ".join(known))
    if not sum(sizes):
        raise InputError("{path} has no rows", path=Path(path).name)
    part = partial(Part, str(Path(path).resolve()), columns=columns and tuple(columns),
                   order=order or {})
    groups, size, parts = [], 0, []
    for number, length in enumerate(sizes):
        groups.append(number)
        size += length
        if size >= rows or number == len(sizes) - 1:
            parts.append(part(tuple(groups)))
            groups, size = [], 0
    return parts


def add_up(function: Callable[[pd.DataFrame], Sum], parts: Iterable[Part],
           scheduler: str | None = None) -> Sum:
    """Sum of `function` over every frame of every part, here or on a Dask cluster.

    The function takes a DataFrame and returns something that can be added, such as
    `helpers.scoring.count_answers` with its other arguments bound by `functools.partial`. The sums
    are the same on both ways, bit for bit: each part is added up by itself, and the parts in their
    order.

    `scheduler` is the address of a Dask scheduler, such as ``tcp://host:8786``, whose workers see
    the file under the same path and have this project installed; without it that of the environment
    variable SCHEDULER, and without that the work is done here. Raises InputError if it does not
    answer or has no workers.
    """
    scheduler = scheduler or os.environ.get("SCHEDULER")
    if scheduler:
        return _add_up_on(scheduler, function, list(parts))
    return reduce(add, (_add_up_part(function, part) for part in parts))


def _add_up_part(function: Callable[[pd.DataFrame], Sum], part: Part) -> Sum:
    return reduce(add, (function(frame) for frame in part.frames()))


@contextmanager
def cluster(scheduler: str) -> Iterator[Any]:
    """Client of a Dask cluster that has workers, by the address of its scheduler.

    Raises InputError if the scheduler does not answer or has no workers.
    """
    from distributed import Client

    try:
        # Asked plainly first: distributed's own client goes on trying when it has been given up.
        host, port = re.fullmatch(r"(?:tcp://)?(.+):(\d{1,5})", scheduler).groups()
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, OverflowError, AttributeError) as error:
        raise InputError("no Dask scheduler answers at SCHEDULER={scheduler}; start one (dask "
                         "scheduler), or leave SCHEDULER out to work on this machine",
                         scheduler=scheduler) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise InputError("the Dask scheduler at {scheduler} has no workers; start some (dask "
                             "worker {scheduler})", scheduler=scheduler) from error
        yield client


def _add_up_on(scheduler: str, function: Callable[[pd.DataFrame], Sum], parts: list[Part]) -> Sum:
    with cluster(scheduler) as client:
        futures = client.map(partial(_add_up_part, function), parts, pure=False)
        # In the order of the parts, whichever ends first: so the rounding is that of one machine.
        return reduce(add, (future.result() for future in futures))


def _is_number(kind) -> bool:
    import pyarrow.types as types

    return types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
