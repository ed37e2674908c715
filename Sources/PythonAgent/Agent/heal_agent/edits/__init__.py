"""The edit space: every small change of one source file that could be its repair."""
from .priors import PRIORS
from .kinds import KINDS, SUPPRESSING
from .primitives import Edit
from .scope import RuntimeFacts
from .space import EditSpace

__all__ = ["Edit", "EditSpace", "KINDS", "PRIORS", "RuntimeFacts", "SUPPRESSING"]
