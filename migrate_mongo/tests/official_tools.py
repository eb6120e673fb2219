"""MongoDB's own tools, the judges of every file that is read or written; `servers/build` makes them."""

import subprocess
from pathlib import Path
from typing import IO

from migrate_mongo.tests.mongo import MongoServer, find_built

PATIENCE = 120  # seconds


def official(
    name: str, *arguments: object, data: bytes = b"", stdout: IO[bytes] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Runs a tool, with the data on its standard input. Raises RuntimeError with what it said when it fails."""
    done = subprocess.run(
        [str(find_built("tools", "Go") / name), *map(str, arguments)],
        input=data,
        stdout=stdout or subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{name} ended with {done.returncode}:\n{done.stderr.decode(errors='replace')}")
    return done


def restore(server: MongoServer, folder: Path, database: str) -> None:
    """Puts the folder of a dumped database into another database, with its indexes."""
    names = [f"--nsInclude={folder.name}.*", f"--nsFrom={folder.name}.*", f"--nsTo={database}.*"]
    official("mongorestore", f"--uri={server.uri}", *names, "--stopOnError", folder.parent)


def dump(server: MongoServer, database: str, out: Path, *, gzip: bool = False, archive: bool = False) -> Path:
    """Dumps a database below a folder, or into an archive; returns the folder of the database, or the archive."""
    target = f"--{'archive' if archive else 'out'}={out}"
    official("mongodump", f"--uri={server.uri}", f"--db={database}", target, *(["--gzip"] if gzip else []))
    return out if archive else out / database


def export(server: MongoServer, database: str, folder: Path, *, relaxed: bool = False, array: bool = False) -> Path:
    """Exports each collection of a database into a file of the folder."""
    options = [f"--jsonFormat={'relaxed' if relaxed else 'canonical'}", *(["--jsonArray"] if array else [])]
    with server.client() as client:
        names = client[database].list_collection_names()
    for name in names:
        place = [f"--db={database}", f"--collection={name}", f"--out={folder / name}.json"]
        official("mongoexport", f"--uri={server.uri}", *place, *options)
    return folder
