/// About how many tokens a language model makes of `text`.
///
/// Byte-pair encoders make a token of about four characters of English and of source text; many
/// make one of each digit, and of most other scripts one or more of each character. The estimate
/// is a quarter of the other ASCII characters, rounded up, and one for each digit and each scalar
/// beyond ASCII. It depends on nothing but the text, so that what fits in a budget is the same for
/// every model. Of prompts and programs the tokenizer of Qwen2.5 makes 3 % fewer to 10 % more.
///
/// - Parameter text: The text.
/// - Returns: The estimate; of two texts joined at most the sum of both.
public func estimatedTokens(_ text: String) -> Int {
  var letters = 0
  var others = 0
  for byte in text.utf8 {
    if byte >= 0xC0 || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      others += 1
    } else if byte < 0x80 {
      letters += 1
    }
  }
  return (letters + 3) / 4 + others
}
