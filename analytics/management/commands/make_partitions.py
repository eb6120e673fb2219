from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from analytics.partitions import Quarter, ensure_quarters
from scribetree.fields import now


class Command(BaseCommand):
    help = "Makes the quarterly partitions of writing_sessions ahead of time; run it every month or so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ahead", type=int, default=4, metavar="QUARTERS", help="default: %(default)s")

    def handle(self, *args: Any, ahead: int, **options: Any) -> None:
        quarters = [Quarter.of(now())]
        for _ in range(ahead):
            quarters.append(quarters[-1].next)
        made = ensure_quarters(quarter.start for quarter in quarters)
        self.stdout.write(f"Made {', '.join(made)}." if made else "All partitions are there already.")
