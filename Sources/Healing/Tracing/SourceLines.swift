public import HealingModel

extension Sources {
  /// The line of the program at a place; nil where there is none.
  public var lines: @Sendable (SourcePlace) -> String? {
    let lines = texts.mapValues { text in
      text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
    }
    return { place in
      guard let file = lines[place.path], file.indices.contains(place.line - 1) else { return nil }
      return file[place.line - 1]
    }
  }
}
