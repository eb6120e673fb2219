import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scribetree.settings")

application = get_wsgi_application()

# what is loaded by now stays, and an answer leaves no cycles behind: looking for them was a tenth of its cost
gc.freeze()
gc.set_threshold(50_000, 20, 20)
