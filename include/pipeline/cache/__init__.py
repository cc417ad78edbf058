"""What definitions have in common, prepared once: examples, their words, trained adapters, adapted examples.

Whoever needs something first makes it and puts it into a store that all workers share; whoever needs it meanwhile
waits, and everybody after that reads it. The store is a cache: it can be emptied or switched off at any time, which
changes how long a training takes and nothing else.
"""
