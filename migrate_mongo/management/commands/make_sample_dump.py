from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from migrate_mongo.sample import SampleError, write_sample_dump


class Command(BaseCommand):
    help = "Writes a made-up mongodump folder of all ten collections; the same seed gives the same bytes."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", metavar="OUT", type=Path, help="folder to write into; new or empty")
        parser.add_argument("--documents", metavar="N", type=int, default=2000, help="documents in all (2000)")
        parser.add_argument("--seed", metavar="S", type=int, default=1, help="what chance starts from (1)")
        parser.add_argument(
            "--hazards",
            action="store_true",
            help="also plant what real databases carry and imports trip over; hazards.json lists it",
        )
        parser.add_argument("--gzip", action="store_true", help="compress each file, as mongodump --gzip does")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = write_sample_dump(
                options["out"],
                documents=options["documents"],
                seed=options["seed"],
                hazards=options["hazards"],
                compress=options["gzip"],
            )
        except (SampleError, OSError) as error:
            raise CommandError(str(error)) from error
        for collection, count in counts.items():
            self.stdout.write(f"{collection:24}{count:>10,}")
        self.stdout.write(f"{sum(counts.values()):,} documents in {options['out']}")
