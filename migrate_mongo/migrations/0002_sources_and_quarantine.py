import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('migrate_mongo', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='importpart',
            name='bytes',
            field=models.BigIntegerField(default=0, help_text='Of BSON read.'),
        ),
        migrations.AddField(
            model_name='importpart',
            name='is_finished',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='importpart',
            name='largest',
            field=models.BigIntegerField(default=0, help_text='Bytes of the largest document read.'),
        ),
        migrations.AddField(
            model_name='importpart',
            name='seconds',
            field=models.FloatField(default=0, help_text='Time that workers spent on it.'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='details',
            field=models.JSONField(default=dict, help_text='Notes on the source, its indexes, what was skipped, versions.'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='kind',
            field=models.TextField(default='', help_text='What it was: a live server, a mongodump directory …'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='policies',
            field=models.JSONField(default=dict, help_text='What was chosen where there is a choice, by option.'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='verification',
            field=models.JSONField(blank=True, help_text='Status and counts of the last verification.', null=True),
        ),
        migrations.AddField(
            model_name='importrun',
            name='verified_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='rejecteddocument',
            name='missing_id',
            field=models.TextField(blank=True, help_text='The id that a required reference leads to in vain.'),
        ),
        migrations.AddField(
            model_name='rejecteddocument',
            name='note',
            field=models.TextField(blank=True, help_text='Why it was dismissed.'),
        ),
        migrations.AddField(
            model_name='rejecteddocument',
            name='part',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='rejects', to='migrate_mongo.importpart'),
        ),
        migrations.AddField(
            model_name='rejecteddocument',
            name='settled_at',
            field=models.DateTimeField(blank=True, help_text='When it was loaded after all, or dismissed.', null=True),
        ),
        migrations.AddField(
            model_name='rejecteddocument',
            name='status',
            field=models.TextField(choices=[('open', 'Open'), ('loaded', 'Loaded'), ('dismissed', 'Dismissed')], default='open'),
        ),
        migrations.AlterField(
            model_name='importpart',
            name='documents',
            field=models.BigIntegerField(help_text='How many the source had here when it was surveyed.'),
        ),
        migrations.AlterField(
            model_name='importpart',
            name='end',
            field=models.TextField(),
        ),
        migrations.AlterField(
            model_name='importpart',
            name='position',
            field=models.TextField(),
        ),
        migrations.AlterField(
            model_name='importpart',
            name='start',
            field=models.TextField(),
        ),
        migrations.AlterField(
            model_name='importrun',
            name='fingerprint',
            field=models.TextField(help_text="Digest of the source's documents, or of what names a live database."),
        ),
        migrations.AddIndex(
            model_name='rejecteddocument',
            index=models.Index(fields=['collection', 'document_id'], name='idx_import_rejects_document'),
        ),
        migrations.AddIndex(
            model_name='rejecteddocument',
            index=models.Index(fields=['missing_id'], name='idx_import_rejects_missing'),
        ),
        migrations.AddConstraint(
            model_name='rejecteddocument',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'loaded', 'dismissed'])), name='import_rejects_status'),
        ),
        migrations.RunSQL(
            sql="""
                UPDATE import_parts SET is_finished = position = "end";
                UPDATE import_rejects SET part_id = (
                    SELECT min(id) FROM import_parts AS part
                    WHERE (part.run_id, part.collection) = (import_rejects.run_id, import_rejects.collection)
                );
                SET CONSTRAINTS ALL IMMEDIATE;
                SET CONSTRAINTS ALL DEFERRED;
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name='rejecteddocument',
            name='part',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rejects', to='migrate_mongo.importpart'),
        ),
    ]
