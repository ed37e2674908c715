"""Finding products by words."""

import re

WORD = re.compile(r"[a-z0-9]+")
STOP = frozenset(["a", "an", "and", "for", "of", "the", "with"])


def words(text):
    """The words of a text that count, in lower case."""
    return [word for word in WORD.findall(text.lower()) if word not in STOP]


def distance(left, right):
    """How many letters have to be changed, added or taken away."""
    previous = list(range(len(right) + 1))
    for row, a in enumerate(left, start=1):
        current = [row]
        for column, b in enumerate(right, start=1):
            cost = 0 if a == b else 1
            current.append(min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + cost))
        previous = current
    return previous[-1]


def score(query, product):
    """How well a product fits: a whole word counts three, its beginning two, a slip of one letter one."""
    points = 0
    names = words(product.name) + sorted(product.tags)
    for word in words(query):
        best = 0
        for name in names:
            if name == word:
                best = max(best, 3)
            elif name.startswith(word):
                best = max(best, 2)
            elif len(word) > 3 and distance(word, name) == 1:
                best = max(best, 1)
        points += best
    return points


def find(catalog, query, limit=10):
    """The products that fit best; of equal ones the cheaper first."""
    scored = [(score(query, product), product) for product in catalog]
    hits = [(points, product) for points, product in scored if points > 0]
    hits.sort(key=lambda hit: (-hit[0], hit[1].price))
    return [product for _, product in hits[:limit]]


def suggest(catalog, prefix):
    """Words that complete a prefix, in alphabetical order."""
    found = set()
    for product in catalog:
        for word in words(product.name):
            if word.startswith(prefix.lower()):
                found.add(word)
    return sorted(found)
