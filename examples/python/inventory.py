"""Everything in some stores as one Parquet file.

    python examples/python/inventory.py examples/data/sample.pst inventory.parquet

The rows go from the stores to the file batch by batch; memory does not grow with them. Needs `pip install pyarrow`.
"""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

import pst


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} STORE... OUT.parquet")
    *stores, out = map(Path, sys.argv[1:])
    rows, schema, writer = 0, None, None
    try:
        for path in stores:
            with pst.open(path) as store:
                for batch in pa.RecordBatchReader.from_stream(store.items_table()):
                    batch = batch.append_column("file", pa.array([str(path)] * batch.num_rows))
                    if writer is None:
                        schema = batch.schema
                        writer = parquet.ParquetWriter(out, schema, compression="zstd")
                    writer.write_batch(batch)
                    rows += batch.num_rows
    finally:
        if writer is not None:
            writer.close()
    print(f"{rows} items of {len(stores)} stores in {out}")


if __name__ == "__main__":
    main()
