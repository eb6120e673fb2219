"""Made-up dumps of the original database: realistic, the same for the same seed, and with traps on demand."""

from migrate_mongo.dump_files import DATABASE
from migrate_mongo.sample.dump import SampleError, write_sample_dump
from migrate_mongo.sample.people import LOGINS, PASSWORD, Login

__all__ = ("DATABASE", "LOGINS", "PASSWORD", "Login", "SampleError", "write_sample_dump")
