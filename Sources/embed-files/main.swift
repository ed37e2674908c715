import Foundation

// usage: embed-files CONSTANT FOLDER OUTPUT FILE…
// Writes a Swift file whose CONSTANT holds each FILE as a raw string literal, by its path below FOLDER.

/// The shortest row of number signs with which `text` can stand in a raw string literal.
func delimiter(for text: String) -> String {
  var longest = 0
  var run = 0
  var afterQuoteOrBackslash = false
  for character in text.unicodeScalars {
    if character == "#", afterQuoteOrBackslash {
      run += 1
      longest = max(longest, run)
    } else {
      run = 0
      afterQuoteOrBackslash = character == "\"" || character == "\\"
    }
  }
  return String(repeating: "#", count: longest + 1)
}

func literal(_ text: String) -> String {
  let mark = delimiter(for: text)
  return "\(mark)\"\"\"\n\(text)\n\"\"\"\(mark)"
}

let arguments = CommandLine.arguments
guard arguments.count >= 4 else {
  FileHandle.standardError.write(Data("usage: embed-files CONSTANT FOLDER OUTPUT FILE…\n".utf8))
  exit(2)
}
let (constant, folder) = (arguments[1], arguments[2])
var output = "/// The embedded files, by path below their folder.\n"
output += "let \(constant): [(path: String, text: String)] = [\n"
for path in arguments.dropFirst(4) {
  let text = try String(contentsOfFile: path, encoding: .utf8)
  let name = String(path.dropFirst(folder.count).drop { $0 == "/" })
  output += "(path: \(literal(name)), text: \(literal(text))),\n"
}
output += "]\n"
try output.write(toFile: arguments[3], atomically: true, encoding: .utf8)
