"""How fast the API answers: against a floor, the smallest SQL for the same JSON behind the same server.

    python bench/api.py [--requests 2000] [--clients 2] [--only NAME]
    python bench/api.py --profile [--only NAME]

Both run as `make serve` runs: granian, two processes of four threads. A bounded number of clients asks each in turn, in
rounds that alternate, so that what else the machine does meets both alike; the ratio is the median of the rounds'. That
they give the same JSON is checked first. All on an embedded server of its own, whatever DATABASE_URL says. The last
line is one JSON object.
"""

import argparse
import cProfile
import json
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.environment import use_database  # noqa: E402 isort: skip the settings come first

from accounts.models import User  # noqa: E402
from accounts.tokens import issue_token  # noqa: E402
from bench import api_data  # noqa: E402
from bench.api_client import Connection, Run, Served, measure, message, served  # noqa: E402
from bench.api_requests import REQUESTS, Ask  # noqa: E402
from scribetree.object_id import parse_id  # noqa: E402

DATABASE = "api_benchmark"
ROUNDS = 5
# of the moment of the request, and of how often it was made
VOLATILE = {"age", "updatedAt", "lastEditedAt", "lastSavedAt"} | {
    "totalWritingTime",
    "timeSpent",
    "revisionsCount",
    "editsCount",
    "wordsWritten",
    "wordsContributed",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2000, help="of each kind, to each side (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=2, help="that ask at once (default: %(default)s)")
    parser.add_argument("--only", help="requests with this in their name")
    parser.add_argument("--keep", action="store_true", help="use the data of the last run")
    parser.add_argument("--profile", action="store_true", help="only show where the time of a request goes")
    options = parser.parse_args()
    asks = [ask for ask in REQUESTS if options.only is None or options.only in ask.name]
    url = prepare(keep=options.keep)
    if options.profile:
        profile(asks, options.requests)
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        plan = Path(name) / "plan.json"
        plan.write_text(json.dumps(floor_plan(asks)))
        api = stack.enter_context(served("scribetree.wsgi:application", url))
        floor = stack.enter_context(served("bench.api_floor:application", url, API_FLOOR=str(plan)))
        different = [text for ask in asks for text in differences(ask, api, floor)]
        for text in different:
            print(text, file=sys.stderr)
        results = compare(asks, api, floor, options.requests, options.clients)
    print(json.dumps(results))
    sys.exit(bool(different))


def prepare(*, keep: bool) -> str:
    """The address of the filled database."""
    url = use_database(DATABASE, keep=keep)
    if not keep:
        api_data.fill(url)
    return url


def token(person: int) -> str:
    return issue_token(User.objects.get(pk=parse_id(api_data.wire_id(api_data.PERSON, person))))


_tokens: dict[int, str] = {}


def authorization(ask: Ask) -> str:
    if ask.person not in _tokens:
        _tokens[ask.person] = token(ask.person)
    return f"Bearer {_tokens[ask.person]}"


def floor_plan(asks: list[Ask]) -> dict[str, Any]:
    return {
        f"{ask.method} /api{ask.path} {authorization(ask)}": {
            "name": ask.name,
            "parameters": [str(parse_id(each) or each) for each in ask.parameters],
            "has_body": bool(ask.bodies),
        }
        for ask in asks
    }


def messages(ask: Ask) -> list[bytes]:
    return [message(ask.method, ask.path, authorization(ask), body) for body in ask.bodies or (None,)]


def differences(ask: Ask, api: Served, floor: Served) -> Iterator[str]:
    answers = [[Connection(side.port).ask(each) for each in messages(ask)] for side in (api, floor)]
    for (status, ours), (_, theirs) in zip(*answers, strict=True):
        if status != 200:
            yield f"{ask.name}: the API answers {status}: {ours[:200]!r}"
        else:
            yield from (f"{ask.name}: {text}" for text in unlike(json.loads(theirs), json.loads(ours)))


def unlike(floor: Any, api: Any, path: str = "") -> Iterator[str]:
    """The leaves that differ, but for what depends on the moment."""
    if isinstance(floor, dict) and isinstance(api, dict):
        for key in sorted({*floor, *api}):
            if key not in VOLATILE or (key in floor) != (key in api):
                yield from unlike(floor.get(key, "absent"), api.get(key, "absent"), f"{path}.{key}")
    elif isinstance(floor, list) and isinstance(api, list) and len(floor) == len(api):
        for index, pair in enumerate(zip(floor, api, strict=True)):
            yield from unlike(*pair, f"{path}.{index}")
    elif floor != api:
        yield f"{path} is {api!r:.80}, and {floor!r:.80} from the floor"


def compare(asks: list[Ask], api: Served, floor: Served, requests: int, clients: int) -> dict[str, Any]:
    print("".join(f"{heading:>11}" for heading in HEADINGS) + "   request")
    results = {}
    for ask in asks:
        each = messages(ask)
        for side in (api, floor):
            measure(side, each, 20 * clients, clients)
        runs = [[measure(side, each, requests // ROUNDS, clients) for side in (api, floor)] for _ in range(ROUNDS)]
        results[ask.name] = figures(runs)
        print("".join(f"{results[ask.name][heading]:>11}" for heading in HEADINGS) + f"   {ask.name}", flush=True)
    return results


HEADINGS = ("requests/s", "p50 ms", "p95 ms", "cpu ms", "floor/s", "floor cpu", "ratio", "cpu ratio", "KB")


def figures(runs: list[list[Run]]) -> dict[str, float]:
    ours, floors = zip(*runs, strict=True)
    times = sorted(time for run in ours for time in run.times)
    cpu, floor_cpu = (statistics.median(run.cpu for run in side) * 1000 for side in (ours, floors))
    values = (
        statistics.median(run.rate for run in ours),
        times[len(times) // 2] * 1000,
        times[len(times) * 95 // 100] * 1000,
        cpu,
        statistics.median(run.rate for run in floors),
        floor_cpu,
        statistics.median(run.rate / floor.rate for run, floor in runs),
        floor_cpu / cpu,
        ours[0].size / 1024,
    )
    return {heading: round(value, 2) for heading, value in zip(HEADINGS, values, strict=True)}


def profile(asks: list[Ask], requests: int) -> None:
    """Where the time goes within the process, by function."""
    from scribetree.wsgi import application  # noqa: PLC0415

    for ask in asks:
        environs = [environ(ask, body) for body in ask.bodies or (None,)]

        def run(count: int, environs: list[dict[str, Any]] = environs) -> None:
            for number in range(count):
                made = environs[number % len(environs)]
                response = application({**made, "wsgi.input": BytesIO(made["body"])}, lambda status, headers: None)
                b"".join(response)
                response.close()

        run(50)
        began = time.process_time()
        run(requests)
        spent = time.process_time() - began
        profiler = cProfile.Profile(time.process_time)
        profiler.runcall(run, requests)
        print(f"\n{ask.name}: {spent / requests * 1e6:.0f} microseconds of CPU a request, without the profiler")
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def environ(ask: Ask, body: Any) -> dict[str, Any]:
    content = b"" if body is None else json.dumps(body).encode()
    path, _, query = ask.path.partition("?")
    return {
        "REQUEST_METHOD": ask.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": f"/api{path}",
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(content)) if content else "",
        "CONTENT_TYPE": "application/json" if content else "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": authorization(ask),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "body": content,
    }


if __name__ == "__main__":
    main()
