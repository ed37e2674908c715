import Foundation
import HealingModel
import Testing

@testable import heal

@Suite("Input")
struct InputTests {
  @Test("examples are pairs, sorted by name")
  func pairs() throws {
    let folder = try TemporaryFolder()
    for name in ["b", "a"] {
      try folder.write("in \(name)", to: "\(name).in")
      try folder.write("out \(name)", to: "\(name).out")
    }
    try folder.write("ignored", to: "README")
    let cases = try exampleCases(in: folder.path)
    #expect(cases.map(\.name) == ["a", "b"])
    #expect(cases.map(\.expected) == ["out a", "out b"])
    #expect(cases[0].input == Array("in a".utf8))
    #expect(cases[0].arguments.isEmpty)
  }

  @Test("a missing partner is named", arguments: [("a.in", "a.out"), ("a.out", "a.in")])
  func partner(present: String, missing: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: present)
    let error = #expect(throws: CommandError.self) {
      try exampleCases(in: folder.path)
    }
    #expect(error?.message.contains("no partner \(missing)") == true)
  }

  @Test("an empty folder of examples is refused")
  func empty() throws {
    let folder = try TemporaryFolder()
    #expect(throws: CommandError.self) { try exampleCases(in: folder.path) }
  }

  private func pipe(_ bytes: [UInt8], closing: Bool) throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    try #require(Foundation.pipe(&ends) == 0)
    if !bytes.isEmpty { try #require(write(ends[1], bytes, bytes.count) == bytes.count) }
    if closing { close(ends[1]) }
    return (ends[0], ends[1])
  }

  @Test("what stands in a pipe is recorded to its end")
  func recorded() throws {
    let ends = try pipe(Array("hello\n".utf8), closing: true)
    defer { close(ends.read) }
    let input = try RecordedInput.record(from: ends.read)
    #expect(input == RecordedInput(bytes: Array("hello\n".utf8)))
  }

  @Test("a closed pipe is an empty input without a note")
  func closed() throws {
    let ends = try pipe([], closing: true)
    defer { close(ends.read) }
    #expect(try RecordedInput.record(from: ends.read) == RecordedInput())
  }

  @Test("an open pipe that nobody writes to does not block", .timeLimit(.minutes(10)))
  func silent() throws {
    let ends = try pipe([], closing: false)
    defer {
      close(ends.read)
      close(ends.write)
    }
    let input = try RecordedInput.record(from: ends.read)
    #expect(input.bytes.isEmpty)
    #expect(input.note?.contains("0.2 s") == true)
  }

  @Test("more than 8 MB are refused")
  func tooMuch() throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](repeating: 0x61, count: RecordedInput.limit + 1)
    let descriptor = open(try folder.write(bytes, to: "big"), O_RDONLY)
    defer { close(descriptor) }
    #expect(throws: CommandError.self) { try RecordedInput.record(from: descriptor) }
  }

  @Test("a terminal gives an end of file and a note")
  func terminal() throws {
    let primary = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(primary >= 0)
    defer { close(primary) }
    // TIOCSPTLCK and TIOCGPTN, which C macros hide from here: unlock the other side, and number it.
    var (locked, number): (Int32, UInt32) = (0, 0)
    try #require(ioctl(primary, 0x4004_5431, &locked) == 0)
    try #require(ioctl(primary, 0x8004_5430, &number) == 0)
    let secondary = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(secondary >= 0)
    defer { close(secondary) }
    let input = try RecordedInput.record(from: secondary)
    #expect(input.bytes.isEmpty)
    #expect(input.note?.contains("terminal") == true)
  }
}
