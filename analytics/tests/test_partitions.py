"""The quarterly partitions of writing_sessions."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from analytics import partitions
from analytics.partitions import YEARS, Quarter, ensure_quarters
from scribetree.tests.sql import fetch, insert

SPRING = datetime(2050, 5, 17, 10, 30, tzinfo=UTC)


@pytest.fixture
def no_quarters(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the default partition, until the end of the test; others may have made theirs for good."""
    monkeypatch.setattr(partitions, "_seen", set())
    with connection.cursor() as cursor:
        for table in quarters(cursor):
            cursor.execute(f"DROP TABLE {table}")


@pytest.fixture
def cursor(no_quarters: None) -> Iterator[Any]:
    with connection.cursor() as cursor:
        # a table with deferred checks pending cannot be altered
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield cursor


def quarters(cursor: Any) -> dict[str, str]:
    """The partitions beside the default one, with their bounds."""
    cursor.execute("SET LOCAL TimeZone = 'UTC'")
    cursor.execute(
        "SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class"
        " JOIN pg_inherits ON inhrelid = oid AND inhparent = 'writing_sessions'::regclass"
        " WHERE relname <> 'writing_sessions_default' ORDER BY relname"
    )
    return dict(cursor.fetchall())


def home(cursor: Any, session: dict[str, Any]) -> str:
    return fetch(cursor, "SELECT tableoid::regclass::text FROM writing_sessions WHERE id = %s", session["id"])


@pytest.mark.parametrize(
    ("moment", "quarter"),
    [
        (datetime(2024, 1, 1, tzinfo=UTC), (2024, 1)),
        (datetime(2024, 3, 31, 23, 59, 59, 999_999, UTC), (2024, 1)),
        (datetime(2024, 4, 1, tzinfo=UTC), (2024, 2)),
        (datetime(2024, 6, 30, tzinfo=UTC), (2024, 2)),
        (datetime(2024, 7, 1, tzinfo=UTC), (2024, 3)),
        (datetime(2024, 9, 30, tzinfo=UTC), (2024, 3)),
        (datetime(2024, 10, 1, tzinfo=UTC), (2024, 4)),
        (datetime(2024, 12, 31, 23, 59, 59, 999_999, UTC), (2024, 4)),
        (datetime(2024, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))), (2025, 1)),
        (datetime(2025, 1, 1, 5, tzinfo=timezone(timedelta(hours=9))), (2024, 4)),
    ],
)
def test_quarter_of_a_moment_is_that_of_utc(moment: datetime, quarter: tuple[int, int]) -> None:
    assert Quarter.of(moment) == quarter
    assert Quarter.of(moment).start <= moment < Quarter.of(moment).next.start


def test_quarters_follow_each_other_over_the_years() -> None:
    quarter = Quarter(2024, 3)

    assert [quarter.next, quarter.next.next, quarter.next.next.next] == [(2024, 4), (2025, 1), (2025, 2)]
    assert quarter.next.next.table == "writing_sessions_2025_q1"


def test_quarters_are_made_with_their_bounds(cursor: Any) -> None:
    moments = [
        SPRING,
        datetime(2050, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2052, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
        SPRING + timedelta(days=1),
    ]

    made = ensure_quarters(moments)

    assert made == ["writing_sessions_2050_q2", "writing_sessions_2050_q4", "writing_sessions_2053_q1"]
    assert quarters(cursor) == {
        "writing_sessions_2050_q2": "FOR VALUES FROM ('2050-04-01 00:00:00+00') TO ('2050-07-01 00:00:00+00')",
        "writing_sessions_2050_q4": "FOR VALUES FROM ('2050-10-01 00:00:00+00') TO ('2051-01-01 00:00:00+00')",
        "writing_sessions_2053_q1": "FOR VALUES FROM ('2053-01-01 00:00:00+00') TO ('2053-04-01 00:00:00+00')",
    }


def test_bounds_do_not_depend_on_the_time_zone_of_the_connection(cursor: Any) -> None:
    cursor.execute("SET LOCAL TimeZone = 'Asia/Tokyo'")

    ensure_quarters([SPRING])

    assert quarters(cursor) == {
        "writing_sessions_2050_q2": "FOR VALUES FROM ('2050-04-01 00:00:00+00') TO ('2050-07-01 00:00:00+00')",
    }


def test_making_again_makes_nothing(cursor: Any) -> None:
    ensure_quarters([SPRING])

    assert ensure_quarters([SPRING]) == []
    assert ensure_quarters([]) == []
    assert len(quarters(cursor)) == 1


def test_what_was_made_and_undone_is_made_again(cursor: Any) -> None:
    with transaction.atomic():
        ensure_quarters([SPRING])
        transaction.set_rollback(True)

    assert quarters(cursor) == {}
    assert ensure_quarters([SPRING]) == ["writing_sessions_2050_q2"]


@pytest.mark.parametrize("year", [1, 1970, YEARS[0] - 1, YEARS[-1] + 1, 9999])
def test_impossible_years_stay_in_the_default_partition(cursor: Any, year: int) -> None:
    moment = datetime(year, 6, 1, tzinfo=UTC)

    assert ensure_quarters([moment]) == []
    assert home(cursor, insert(cursor, "writing_sessions", start_time=moment)) == "writing_sessions_default"


@pytest.mark.parametrize("year", [YEARS[0], YEARS[-1]])
def test_first_and_last_possible_year_have_partitions(cursor: Any, year: int) -> None:
    ensure_quarters([datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, tzinfo=UTC)])

    assert list(quarters(cursor)) == [f"writing_sessions_{year}_q1", f"writing_sessions_{year}_q4"]


def test_session_lands_in_its_quarter(cursor: Any) -> None:
    ensure_quarters([SPRING])
    first = datetime(2050, 4, 1, tzinfo=UTC)
    last = datetime(2050, 6, 30, 23, 59, 59, 999_000, UTC)

    for moment in (first, SPRING, last):
        assert home(cursor, insert(cursor, "writing_sessions", start_time=moment)) == "writing_sessions_2050_q2"
    for moment in (first - timedelta(milliseconds=1), last + timedelta(milliseconds=1)):
        assert home(cursor, insert(cursor, "writing_sessions", start_time=moment)) == "writing_sessions_default"


def test_sessions_that_wait_in_the_default_partition_are_moved(cursor: Any) -> None:
    waiting = insert(cursor, "writing_sessions", start_time=SPRING, updated_at=SPRING, extra='{"a": 1}')
    other = insert(cursor, "writing_sessions", start_time=SPRING.replace(month=7))
    assert home(cursor, waiting) == "writing_sessions_default"

    ensure_quarters([SPRING])

    assert home(cursor, waiting) == "writing_sessions_2050_q2"
    assert home(cursor, other) == "writing_sessions_default"
    cursor.execute("SELECT * FROM writing_sessions WHERE id = %s", [waiting["id"]])
    assert cursor.fetchone() == tuple(waiting.values())


def test_partition_has_all_that_the_table_has(cursor: Any) -> None:
    ensure_quarters([SPRING])

    for table in ("writing_sessions_default", "writing_sessions_2050_q2"):
        assert fetch(cursor, "SELECT reloptions FROM pg_class WHERE relname = %s", table) == ["fillfactor=80"]
        for column in ("writing_sessions_duration_natural", "writing_sessions_updated_at"):
            assert fetch(
                cursor,
                "SELECT count(*) FROM (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass"
                " UNION ALL SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass) _ (name) WHERE name = %s",
                table,
                table,
                column,
            )
        assert whole(cursor, table, "index") == whole(cursor, "writing_sessions_default", "index")
        assert len(whole(cursor, table, "index")) == 3
        assert len(whole(cursor, table, "foreign key")) == 2


def whole(cursor: Any, table: str, kind: str) -> set[str]:
    """The indexes or foreign keys of the whole table that the partition has a part of."""
    cursor.execute(
        "SELECT inhparent::regclass::text FROM pg_index JOIN pg_inherits ON inhrelid = indexrelid"
        " WHERE indrelid = %s::regclass"
        if kind == "index"
        else "SELECT conparentid::text FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
        [table],
    )
    return {name for (name,) in cursor.fetchall()}


def test_query_for_a_time_reads_its_partition_only(cursor: Any) -> None:
    ensure_quarters([SPRING, SPRING.replace(month=8)])
    session = insert(cursor, "writing_sessions", start_time=SPRING)

    cursor.execute(
        "EXPLAIN SELECT FROM writing_sessions WHERE document_id = %s AND start_time >= %s AND start_time < %s",
        [session["document_id"], SPRING, SPRING + timedelta(days=7)],
    )
    plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "writing_sessions_2050_q2" in plan
    assert "writing_sessions_2050_q3" not in plan
    assert "writing_sessions_default" not in plan


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.management.commands.make_partitions.now", lambda: SPRING.replace(month=9))


def make_partitions(*arguments: str) -> str:
    output = StringIO()
    call_command("make_partitions", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.usefixtures("today", "no_quarters")
def test_command_makes_this_quarter_and_the_next_four() -> None:
    assert make_partitions() == (
        "Made writing_sessions_2050_q3, writing_sessions_2050_q4, writing_sessions_2051_q1,"
        " writing_sessions_2051_q2, writing_sessions_2051_q3.\n"
    )
    assert make_partitions() == "All partitions are there already.\n"
    assert make_partitions("--ahead", "5") == "Made writing_sessions_2051_q4.\n"


@pytest.mark.usefixtures("today", "no_quarters")
def test_command_makes_only_this_quarter_when_told() -> None:
    assert make_partitions("--ahead", "0") == "Made writing_sessions_2050_q3.\n"


def test_command_refuses_no_number() -> None:
    with pytest.raises(CommandError, match="invalid int value: 'many'"):
        make_partitions("--ahead", "many")


@pytest.fixture
def dropped_again(transactional_db: None) -> Iterator[None]:
    """What these tests commit is gone afterwards: the quarters of 2050."""
    yield
    with transaction.atomic(), connection.cursor() as cursor:
        for table in quarters(cursor):
            if "_2050_" in table:
                cursor.execute(f"DROP TABLE {table}")
    partitions._seen.difference_update({quarter for quarter in partitions._seen if quarter.year == 2050})


@pytest.mark.usefixtures("dropped_again")
def test_two_makers_at_once_share_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "_seen", set())  # as in processes of their own
    moments = [SPRING.replace(month=month) for month in (2, 5, 8, 11)]
    start = threading.Barrier(3)
    made: list[str] = []
    failures: list[Exception] = []

    def make(moments: list[datetime]) -> None:
        try:
            start.wait()
            made.extend(ensure_quarters(moments))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    makers = [threading.Thread(target=make, args=[order]) for order in (moments, moments[::-1], moments[1:])]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()

    assert failures == []
    assert sorted(made) == [f"writing_sessions_2050_q{number}" for number in (1, 2, 3, 4)]


@pytest.mark.usefixtures("dropped_again")
def test_quarter_that_another_process_made_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_quarters([SPRING])
    assert Quarter(2050, 2) in partitions._seen
    monkeypatch.setattr(partitions, "_seen", set())

    assert ensure_quarters([SPRING]) == []
    assert Quarter(2050, 2) in partitions._seen
