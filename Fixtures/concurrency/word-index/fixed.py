"""Indexes the words of several pages: for each word the pages on which it stands."""

import threading

PAGES = {
    "one": "salt and pepper",
    "two": "pepper and chili",
}


def build(pages):
    index = {}

    def add(word, page):
        index.setdefault(word, []).append(page)

    def read(page):
        for word in pages[page].split():
            add(word, page)

    readers = [threading.Thread(target=read, args=(page,)) for page in pages]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return index


index = build(PAGES)
for word in ("pepper", "and"):
    assert sorted(index[word]) == ["one", "two"], f"{word} is said to stand on {index[word]}"
