from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        # Django's database cache has no model; its rows may be lost with the server, but not with a worker
        migrations.RunSQL(
            sql="""
            CREATE UNLOGGED TABLE throttle_counts (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamp with time zone NOT NULL
            );
            CREATE INDEX idx_throttle_counts_expires ON throttle_counts (expires);
            """,
            reverse_sql="DROP TABLE throttle_counts;",
        )
    ]
