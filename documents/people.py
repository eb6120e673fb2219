"""The names that documents refer to."""

from collections.abc import Sequence

from accounts.models import User
from documents.models import Document
from scribetree.object_id import parse_id
from scribetree.prepared import Prepared

_NAMED = Prepared(lambda ids: User.objects.only("first_name", "last_name", "email").filter(id__any=ids))


def with_people(documents: Sequence[Document]) -> Sequence[Document]:
    """Gives documents `with_collaborators` their author, collaborators (`people`) and last editor, in one query."""
    editors = [parse_id(document.metadata.get("lastEditedBy")) for document in documents]
    wanted = {key for key in editors if key}
    for document in documents:
        wanted.add(document.author_id)
        wanted.update(document.collaborator_ids)
    found = {person.pk: person for person in _NAMED.all(list(wanted))} if wanted else {}
    for document, editor in zip(documents, editors, strict=True):
        document.author = found[document.author_id]
        document.people = [found[key] for key in document.collaborator_ids if key in found]
        document.editor = found.get(editor)
    return documents
