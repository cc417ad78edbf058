"""What definitions have in common, prepared once: examples, their words, trained adapters, adapted examples.

The first worker that needs an entry makes it and writes it to a store that all workers share. Workers that need it in
the meantime wait; later ones read it. The cache can be emptied or switched off at any time: that changes how long a
training takes, and no result.
"""
