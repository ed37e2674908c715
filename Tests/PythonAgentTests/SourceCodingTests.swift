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

@Test("a coding comment counts in the first two lines only")
func declarationPlace() {
  let late = Array("import a\nimport b\n# coding: latin-1\n".utf8) + [0xc3, 0xa9]
  #expect(SourceCoding.decode(late)?.hasSuffix("é") == true)
}
