
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.TextField(help_text='Where it was read from, without secrets.')),
                ('fingerprint', models.TextField(help_text="Digest of the source's documents.")),
                ('status', models.TextField(choices=[('running', 'Running'), ('clean', 'Clean'), ('rejects', 'Rejects'), ('failed', 'Failed')], default='running')),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('seconds', models.FloatField(default=0, help_text='Working time, over all its sittings.')),
            ],
            options={
                'db_table': 'import_runs',
                'constraints': [models.UniqueConstraint(fields=('fingerprint',), name='import_runs_fingerprint_unique')],
            },
        ),
        migrations.CreateModel(
            name='ImportPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('collection', models.TextField()),
                ('number', models.IntegerField()),
                ('start', models.BigIntegerField(help_text='In bytes of uncompressed BSON, as `end` and `position`.')),
                ('end', models.BigIntegerField()),
                ('position', models.BigIntegerField()),
                ('documents', models.BigIntegerField(help_text='How many the source has here.')),
                ('read', models.BigIntegerField(default=0)),
                ('loaded', models.BigIntegerField(default=0)),
                ('rejected', models.BigIntegerField(default=0)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='migrate_mongo.importrun')),
            ],
            options={
                'db_table': 'import_parts',
                'constraints': [models.UniqueConstraint(fields=('run', 'collection', 'number'), name='import_parts_once'), models.CheckConstraint(condition=models.Q(('read', django.db.models.expressions.CombinedExpression(models.F('loaded'), '+', models.F('rejected')))), name='import_parts_add_up')],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('collection', models.TextField()),
                ('path', models.TextField()),
                ('kind', models.TextField()),
                ('count', models.BigIntegerField()),
                ('samples', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='Ids of documents that have it, the smallest first.', size=None)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='migrate_mongo.importrun')),
            ],
            options={
                'db_table': 'import_findings',
                'constraints': [models.UniqueConstraint(fields=('run', 'collection', 'path', 'kind'), name='import_findings_once')],
            },
        ),
        migrations.CreateModel(
            name='RejectedDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('collection', models.TextField()),
                ('document_id', models.TextField(help_text='Its `_id`; empty when it cannot be read.')),
                ('reason', models.TextField()),
                ('path', models.TextField(blank=True, help_text='The field at fault.')),
                ('message', models.TextField()),
                ('raw', models.BinaryField(help_text='The document as BSON.')),
                ('digest', models.BinaryField(help_text='SHA-256 of the BSON.', max_length=32)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rejects', to='migrate_mongo.importrun')),
            ],
            options={
                'db_table': 'import_rejects',
                'indexes': [models.Index(fields=['collection', 'digest'], name='idx_import_rejects_digest')],
            },
        ),
    ]
