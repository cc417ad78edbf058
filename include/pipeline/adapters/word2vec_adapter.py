"""Turns texts into word vectors learnt by Word2Vec."""

from typing import Any, ClassVar

from pipeline.adapters.gensim_training import load_gensim
from pipeline.adapters.word_vectors import WordVectorAdapter, WordVectorOptions


class Word2VecAdapter(WordVectorAdapter):
    """Turns a text into its known words' vectors, learnt from the training set's texts; unknown words are skipped.

    Word2Vec is continuous bag-of-words or skip-gram with negative sampling (Mikolov et al. 2013, arXiv:1301.3781 and
    arXiv:1310.4546). gensim trains it on one thread, so that the same texts and seed give the same vectors.
    """

    name: ClassVar[str] = "Word2VecAdapter"
    short_name: ClassVar[str] = "word2vec"
    gives_negative: ClassVar[bool] = True

    class Options(WordVectorOptions):
        pass

    def make_model(self, options: dict[str, Any]) -> Any:
        return load_gensim("word2vec").Word2Vec(**options)
