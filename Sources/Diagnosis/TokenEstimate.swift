/// About how many tokens a language model makes of `text`.
///
/// Byte-pair encoders make a token of about four characters of English and of a little less of
/// source text; of most other scripts they make one or more of each character. The estimate is a
/// quarter of the ASCII characters, rounded up, and one for each other scalar. It depends on
/// nothing but the text, so that what fits in a budget is the same for every model.
///
/// - Parameter text: The text.
/// - Returns: The estimate; of two texts joined at most the sum of both.
public func estimatedTokens(_ text: String) -> Int {
  var ascii = 0
  var others = 0
  for byte in text.utf8 {
    if byte < 0x80 {
      ascii += 1
    } else if byte >= 0xC0 {
      others += 1
    }
  }
  return (ascii + 3) / 4 + others
}
