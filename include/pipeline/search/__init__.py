"""How definitions are tried on a part of their training set before the best of them are trained on the whole."""
