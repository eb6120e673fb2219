"""The quick way in, for documents about which there is nothing to say.

Nearly all documents are regular: every value has its declared type and every reference its target. A chunk of them is
loaded column by column, so that most work is done by a few calls per column instead of a few per value. Whatever is
not regular is left to the mappings' own `load`, document by document; the outcome is the same either way.
"""
