from django.apps import AppConfig


class MigrateMongoConfig(AppConfig):
    name = "migrate_mongo"
    verbose_name = "MongoDB import"
