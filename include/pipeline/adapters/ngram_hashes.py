"""The numbers of a word's character n-grams, as fastText and gensim compute them."""

_BASIS, _PRIME, _MASK = 2_166_136_261, 16_777_619, 2**32 - 1


def hash_ngrams(word: str, shortest: int, longest: int, buckets: int) -> list[int]:
    """Return the bucket of each n-gram of a word, by where the n-gram begins and then by its length.

    The n-grams are those of `<word>`, without its first and last character alone. Their hash is FNV-1a over UTF-8, but
    with signed bytes, as in fastText (facebookresearch/fastText, `Dictionary::hash`). gensim's `ft_ngram_hashes`
    returns the same, but an installation that only answers lacks gensim, and elsewhere importing it takes a second.
    """
    characters = [[byte if byte < 128 else byte | 0xFFFFFF00 for byte in each.encode()] for each in f"<{word}>"]
    last = len(characters) - 1
    found = []
    for start in range(len(characters)):
        state = _BASIS  # an n-gram's hash begins with that of the n-gram without its last character
        for end in range(start, min(start + longest, len(characters))):
            for byte in characters[end]:
                state = (state ^ byte) * _PRIME & _MASK
            if end - start + 1 >= shortest and not (start == end and end in (0, last)):
                found.append(state % buckets)
    return found
