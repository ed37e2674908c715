public import HealingModel

extension TokenRules {
  /// Python's tokens, as far as repairs are made general.
  public static let python = TokenRules(
    language: "Python",
    fixedWords: keywords.union(builtIns),
    fixedAttributes: attributes,
    statementWords: [
      "assert", "break", "class", "continue", "def", "del", "global", "import", "nonlocal", "pass",
      "raise", "return", "try", "while", "with",
    ],
    blockWords: [
      "async", "case", "class", "def", "elif", "else", "except", "finally", "for", "if", "match",
      "try", "while", "with",
    ],
    textPrefixes: ["b", "br", "f", "fr", "r", "rb", "rf", "t", "tr", "rt", "u"],
    operators: [
      "**=", "//=", ">>=", "<<=", "...", "!=", "%=", "&=", "**", "*=", "+=", "-=", "->", "//", "/=",
      ":=", "<<", "<=", "==", ">=", ">>", "@=", "^=", "|=",
    ],
    comment: "#"
  )

  private static let keywords: Set<String> = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class",
    "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if",
    "import", "in", "is", "lambda", "match", "nonlocal", "not", "or", "pass", "raise", "return",
    "try", "while", "with", "yield",
    // By custom as good as keywords.
    "self", "cls",
  ]

  private static let builtIns: Set<String> = [
    "abs", "all", "any", "bool", "bytes", "callable", "chr", "complex", "dict", "divmod",
    "enumerate", "filter", "float", "format", "frozenset", "getattr", "hasattr", "hash", "hex",
    "id", "input", "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max", "min",
    "next", "object", "open", "ord", "pow", "print", "property", "range", "repr", "reversed",
    "round", "set", "setattr", "slice", "sorted", "staticmethod", "str", "sum", "super", "tuple",
    "type", "vars", "zip", "ArithmeticError", "AttributeError", "Exception", "IndexError",
    "KeyError", "LookupError", "NotImplementedError", "OSError", "OverflowError", "RuntimeError",
    "StopIteration", "TypeError", "UnicodeDecodeError", "ValueError", "ZeroDivisionError",
    // Arguments of theirs.
    "key", "reverse", "default", "sep", "end", "start", "file",
  ]

  private static let attributes: Set<String> = [
    "add", "append", "capitalize", "clear", "copy", "count", "difference", "discard", "encode",
    "decode", "endswith", "extend", "find", "format", "get", "index", "insert", "intersection",
    "isalnum", "isalpha", "isdigit", "islower", "isspace", "issubset", "issuperset", "isupper",
    "items", "join", "keys", "lower", "lstrip", "pop", "popitem", "remove", "replace", "reverse",
    "rfind", "rindex", "rstrip", "setdefault", "sort", "split", "splitlines", "startswith", "strip",
    "symmetric_difference", "title", "union", "update", "upper", "values", "zfill", "acquire",
    "release", "start", "wait", "notify", "notify_all", "put", "close", "read", "readline",
    "readlines", "write",
  ]
}
