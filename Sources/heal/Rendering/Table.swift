/// Rows of cells below each other: the first column and those of `left` begin at one place, the
/// others, which are numbers, end at one.
///
/// - Parameters:
///   - header: The names of the columns.
///   - rows: As many cells each.
///   - style: How it is coloured.
///   - left: Further columns that hold words.
/// - Returns: The table, a line for each row.
func alignedTable(
  _ header: [String],
  _ rows: [[String]],
  _ style: Style,
  left: Set<Int> = []
) -> String {
  let widths = header.indices.map { column in
    ([header] + rows).map { $0[column].count }.max() ?? 0
  }
  func line(_ cells: [String]) -> String {
    zip(cells, widths).enumerated().map { index, pair in
      let fill = String(repeating: " ", count: pair.1 - pair.0.count)
      return index == 0 || left.contains(index) ? pair.0 + fill : fill + pair.0
    }.joined(separator: "  ") + "\n"
  }
  return style.bold(line(header)) + rows.map(line).joined()
}

/// A number with one decimal.
func tenths(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
