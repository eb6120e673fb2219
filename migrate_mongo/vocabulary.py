"""The words of the import's reports, and of the column `extra`, with what they mean."""

EXTRA = {
    "original": (
        "By path, what the document held where the column could not hold it, in canonical Extended JSON. Text with "
        "U+0000 is a `$binary` of subtype 84; what Extended JSON cannot say is BSON in a `$binary` of subtype 85."
    ),
    "absent": "The paths that the document lacks although the column has a value that is no default.",
    "bson": "The document's own bytes, in a `$binary`, where they say more than its values: see the findings.",
}

FINDINGS = {
    "array_keys": "A list whose elements are not numbered 0, 1, 2 … Their order counts; the bytes are kept.",
    "author_collaborator": "The author is also listed as a collaborator. No row; the element is kept.",
    "cast": "The value has another type than its path. It is converted as the original's ODM did when it read.",
    "dangling_reference": (
        "The target does not exist, or was rejected. NULL in a nullable column, no row for a member of a list, "
        "the id as it is inside JSONB."
    ),
    "deprecated_type": (
        "A type that MongoDB has given up: undefined, symbol, DBPointer. Read as null, text, DBRef; the bytes are kept."
    ),
    "derived": (
        "A date or id is absent that the original made up anew at each read. "
        "A fixed one is stored; `absent` says that there was none."
    ),
    "duplicate_key": "A key stands twice in one object. The last value counts; the bytes are kept.",
    "duplicate_reference": "A list names the same user again. The first one is the row; the others are kept.",
    "fraction": "A number in an integer column has decimals. They are cut off.",
    "id_collision": "The id of a comment or reply is taken. The row gets one made from its submission and place.",
    "non_finite": "Infinity or NaN, which neither integers nor JSON can hold. The default, or nothing.",
    "normalised": "An e-mail with blanks around it or capitals in it. Trimmed and lower-cased.",
    "nul_removed": "Text with U+0000, which PostgreSQL cannot store. Stored without it.",
    "null_element": "Null in a list that becomes rows or `text[]`. Left out. Lists in JSONB keep their nulls.",
    "out_of_range": "A number or date beyond what the column holds. The nearest that it does.",
    "outside_enum": "A value that is not among the choices. The default, or what stands in for it in the mapping.",
    "re_encoded": "Bytes that differ, in some other way, from those that the document's values make. They are kept.",
    "relaxed_number": (
        "An integer of relaxed Extended JSON, which does not say how wide it was. Taken for the narrowest that fits."
    ),
    "required_absent": "A path is absent that the original always wrote. The column gets an empty value.",
    "stored_null": "Null, where the column cannot be NULL or where NULL means absent. The default, or NULL.",
    "superseded": (
        "An older submission of the same author for the same assignment. Kept whole; "
        "`superseded_by_id` leads to the one saved last."
    ),
    "uncastable": "A value of a type that the original's ODM could not convert, and left out. The default, or nothing.",
    "unknown_field": "A path that no model declares. Kept in `extra`, or in place inside JSONB.",
}

REASONS = {
    "constraint": "A constraint of the database refuses it, such as a unique e-mail; the message says which.",
    "dangling_reference": (
        "A required reference leads to a document that does not exist or was rejected itself. "
        "With `--on-dangling reject`, any reference outside JSONB."
    ),
    "duplicate_id": "Another document of the collection with this `_id` is loaded already.",
    "invalid_id": "Its `_id` is not an ObjectId.",
    "missing_reference": "A required reference is absent, null, or no id.",
    "missing_value": "A required value is absent, null, or of a type that cannot be converted.",
    "nul_removed": "Text with U+0000, which `--on-nul reject` does not let be taken out.",
    "too_deep": "A value is nested deeper than 200 levels.",
    "undecodable": "Its bytes are not valid BSON, or its text is no Extended JSON.",
}
