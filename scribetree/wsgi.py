import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scribetree.settings")

application = get_wsgi_application()

# what is loaded by now stays; to look through that, and through every few objects of an answer, cost long lists a fifth
gc.freeze()
gc.set_threshold(50_000, 20, 20)
