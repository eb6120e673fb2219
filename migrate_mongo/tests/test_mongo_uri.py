"""Of the address of a MongoDB, no secret is ever shown."""

import pytest

from migrate_mongo.exceptions import MigrateMongoError
from migrate_mongo.mongo_uri import UNREADABLE, parse_mongo_uri, redacted


@pytest.mark.parametrize(
    ("text", "label", "database"),
    [
        ("mongodb://localhost/school", "mongodb://localhost/school", "school"),
        ("mongodb://ada:s3cret@db.example:27018/school", "mongodb://db.example:27018/school", "school"),
        ("mongodb://ada%40x:p%2Fw@one,two:27018/a?replicaSet=r&tls=true", "mongodb://one,two:27018/a", "a"),
        ("mongodb+srv://ada:s3cret@cluster.example/school?w=1", "mongodb+srv://cluster.example/school", "school"),
        ("mongodb://[::1]:27017/school", "mongodb://[::1]:27017/school", "school"),
    ],
)
def test_label_has_hosts_and_database(text: str, label: str, database: str) -> None:
    uri = parse_mongo_uri(text)

    assert (uri.label, uri.database, uri.text) == (label, database, text)


def test_named_database_counts_before_that_of_the_uri() -> None:
    assert parse_mongo_uri("mongodb://localhost/school?w=1", "other").label == "mongodb://localhost/other"
    assert parse_mongo_uri("mongodb://localhost", "other").database == "other"


@pytest.mark.parametrize("text", ["mongodb://ada:s3cret@localhost", "mongodb://ada:s3cret@localhost/?tls=true"])
def test_some_database_is_needed(text: str) -> None:
    with pytest.raises(MigrateMongoError, match="names no database: add it to the URI, or give --database"):
        parse_mongo_uri(text)


@pytest.mark.parametrize(
    "text",
    [
        "mongodb://ada:s3/cret@localhost/school",
        "mongodb://ada:12/s3cret@localhost",
        "mongodb://ada:s3cret?@localhost/school",
        "mongodb://ada:s3@cret@localhost/school",
        "mongodb://",
        "postgresql://ada:s3cret@localhost/school",
    ],
)
def test_what_cannot_be_read_is_not_quoted(text: str) -> None:
    with pytest.raises(MigrateMongoError) as error:
        parse_mongo_uri(text)

    assert str(error.value) == "the MongoDB URI cannot be read: are user name and password percent-encoded?"


def test_secrets_are_taken_out_of_messages() -> None:
    uri = (
        "mongodb://ada%40school:p%40ss%3Aw+rd@localhost/school"
        "?authMechanismProperties=AWS_SESSION_TOKEN:t0ken&tlsCertificateKeyFilePassword=k%26y"
    )
    message = "ada%40school:p%40ss%3Aw+rd p@ss:w+rd p@ss:w rd p%40ss%3Aw+rd AWS_SESSION_TOKEN:t0ken\nk&y localhost"

    assert redacted(message, uri) == "*** *** *** *** *** *** localhost"
    assert redacted(message, "mongodb://ada:s3/cret@localhost") == UNREADABLE
