"""How many permutations a plan has, and which. Other modules use `Space`; its docstring has an example."""

from pipeline.plans.space.boxes import TooManyBoxesError
from pipeline.plans.space.grid import Point
from pipeline.plans.space.space import Permutation, Piece, Space

__all__ = ["Permutation", "Piece", "Point", "Space", "TooManyBoxesError"]
