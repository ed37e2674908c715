public import Prompting

extension SourceLanguage {
  /// Python, as far as the answers of models need it.
  public static let python = SourceLanguage(
    name: "Python",
    tags: ["python", "py", "python3"],
    endings: ["py", "pyi"],
    functionWords: ["def"],
    typeWords: ["class"],
    modifiers: ["async"],
    importWords: ["import", "from"],
    decorator: "@",
    comment: "#",
    longQuotes: ["\"\"\"", "'''"]
  )
}
