import Foundation
import PythonAgent
import Testing

@Test("a file keeps its byte-order mark, its encoding and its line ends")
func roundTrips() {
  let marked: [UInt8] = [0xef, 0xbb, 0xbf] + Array("a = 'é'\r\n".utf8)
  #expect(SourceCoding.decode(marked) == "a = 'é'\r\n")
  #expect(
    SourceCoding.encode("b = 'é'\r\n", like: marked)?.starts(with: [0xef, 0xbb, 0xbf]) == true
  )
  let latin: [UInt8] = Array("# -*- coding: latin-1 -*-\na = '".utf8) + [0xe9] + Array("'\n".utf8)
  #expect(SourceCoding.decode(latin)?.hasSuffix("a = 'é'\n") == true)
  #expect(SourceCoding.decode(latin).flatMap { SourceCoding.encode($0, like: latin) } == latin)
}

@Test("bytes that are no text in the file's encoding are not decoded")
func refusesOthers() {
  #expect(SourceCoding.decode([0x61, 0xff, 0xfe]) == nil)
  #expect(SourceCoding.decode(Array("# coding: klingon\n".utf8)) == nil)
  #expect(SourceCoding.encode("a = '√'\n", like: Array("# coding: latin-1\n".utf8)) == nil)
}

@Test(
  "encodings of PEP 263, by the names that Python knows, in either line, with any line end",
  arguments: [
    ("latin-1", [0xe9], "é"), ("Latin_1", [0xe9], "é"), ("iso-latin-1-unix", [0xe9], "é"),
    ("L1", [0xe9], "é"), ("iso-8859-15", [0xa4], "€"), ("latin9", [0xa4], "€"),
    ("cp1252", [0x80], "€"), ("windows-1252", [0x80], "€"), ("cp1251", [0xe6], "ж"),
    ("koi8-r", [0xd6], "ж"), ("cp850", [0x82], "é"), ("cp866", [0xa6], "ж"),
    ("mac-roman", [0x8e], "é"), ("utf-8-unix", [0xc3, 0xa9], "é"), ("utf_8", [0xc3, 0xa9], "é"),
    ("shift_jis", [0x82, 0xa0], "あ"),
  ] as [(String, [UInt8], String)]
)
func encodings(name: String, bytes: [UInt8], text: String) {
  for end in ["\n", "\r\n", "\r"] {
    for first in ["", "#!/usr/bin/env python3" + end] {
      let before = first + "# -*- coding: \(name) -*-" + end + "a = '"
      let file = Array(before.utf8) + bytes + Array(("'" + end).utf8)
      #expect(SourceCoding.decode(file) == before + text + "'" + end)
      #expect(SourceCoding.encode(before + text + "'" + end, like: file) == file)
    }
  }
}

@Test("a byte-order mark and another encoding contradict each other; undefined codes are no text")
func contradictions() {
  let declared = Array("# coding: latin-1\n".utf8)
  #expect(SourceCoding.decode([0xef, 0xbb, 0xbf] + declared) == nil)
  #expect(SourceCoding.decode([0xef, 0xbb, 0xbf] + Array("# coding: utf-8\n".utf8)) != nil)
  #expect(SourceCoding.decode(Array("# coding: cp1253\n#".utf8) + [0x81]) == nil)
}

@Test("a coding comment counts in the first two lines only")
func declarationPlace() {
  let late = Array("import a\nimport b\n# coding: latin-1\n".utf8) + [0xc3, 0xa9]
  #expect(SourceCoding.decode(late)?.hasSuffix("é") == true)
}
