import Foundation
import HealingModel
import Testing

/// A certificate that was changed is told from one that was not.
@Suite("Schedule certificates")
struct ScheduleCertificateTests {
  static let certificate = ScheduleCertificate(
    claim: .exhausted(bound: 2, classes: 3, repeated: 3),
    program: CertifiedProgram(
      files: ["a.py": "1", "b.py": "2"],
      modules: [ImportedModule(name: "json", version: "2.0.9", path: "/lib/json.py", hash: "9")],
      interpreter: "3.11.7",
      hashSeed: 0,
      arguments: ["a.py", "x"],
      input: "4",
      expected: "5"
    ),
    model: ScheduleModel(freeTiming: true, timeouts: 4, steps: 20_000),
    seed: 7,
    shared: ["a", "b"],
    counts: [3, 0, 0, 0, 0],
    unordered: ["x a.py:1 a.py:2"],
    unseen: ["exec at a.py:9"],
    uncontrolled: ["a socket"],
    runs: [CertifiedRun(choices: ThreadRuns([0, 1, 1]), outcome: "6")]
  )

  @Test("one that was stored and read again is as it was made")
  func stored() throws {
    let data = try JSONEncoder().encode(Self.certificate)
    let read = try JSONDecoder().decode(ScheduleCertificate.self, from: data)
    #expect(read == Self.certificate && read.isIntact)
  }

  @Test("every value of its stored form counts")
  func everyField() throws {
    let data = try JSONEncoder().encode(Self.certificate)
    let whole = try JSONSerialization.jsonObject(with: data)
    let paths = leaves(of: whole)
    #expect(paths.count > 30, "\(paths)")
    for path in paths {
      let changed = try JSONSerialization.data(
        withJSONObject: replacing(whole, at: path[...])
      )
      guard let read = try? JSONDecoder().decode(ScheduleCertificate.self, from: changed) else {
        continue
      }
      #expect(!read.isIntact, "\(path)")
    }
  }

  @Test("what is left out, or swapped between lists, counts too")
  func moved() {
    var other = Self.certificate
    (other.unseen, other.uncontrolled) = (other.uncontrolled, other.unseen)
    #expect(!other.isIntact)
    other = Self.certificate
    other.program.expected = nil
    #expect(!other.isIntact)
    other = Self.certificate
    other.shared = ["ab"]
    #expect(!other.isIntact)
    other = Self.certificate
    other.claim = .explored
    #expect(!other.isIntact)
    other = Self.certificate
    other.runs = []
    #expect(!other.isIntact && Self.certificate.isIntact)
  }

  /// The ways to all values that are no containers.
  private func leaves(of value: Any) -> [[String]] {
    if let members = value as? [String: Any] {
      return members.flatMap { key, one in leaves(of: one).map { [key] + $0 } }
    }
    if let elements = value as? [Any] {
      return elements.enumerated().flatMap { index, one in leaves(of: one).map { ["\(index)"] + $0 }
      }
    }
    return [[]]
  }

  private func replacing(_ value: Any, at path: ArraySlice<String>) -> Any {
    guard let first = path.first else {
      if value is String { return "changed" }
      if let number = value as? NSNumber, isBoolean(number) { return !number.boolValue }
      return ((value as? NSNumber)?.intValue ?? 0) + 1
    }
    if var members = value as? [String: Any] {
      members[first] = members[first].map { replacing($0, at: path.dropFirst()) }
      return members
    }
    guard var elements = value as? [Any], let index = Int(first) else { return value }
    elements[index] = replacing(elements[index], at: path.dropFirst())
    return elements
  }

  private func isBoolean(_ number: NSNumber) -> Bool {
    String(cString: number.objCType) == "c"
  }
}
