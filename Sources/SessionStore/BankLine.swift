import Foundation
public import HealingModel

/// The form in which repairs of the bank go from one machine to another: a line of JSON for each.
public enum BankLine {
  /// The number of the form.
  static let form = 1
  /// The longest line, in bytes.
  public static let longest = 64 << 10

  private struct Line: Codable {
    var healBank: Int
    var repair: BankedRepair?
  }

  private struct Form: Decodable {
    var healBank: Int
  }

  /// Why a line is no repair.
  public enum Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line is longer than a repair can be.
    case tooLong
    /// The line is not JSON, or no repair in JSON.
    case unreadable(String)
    /// A newer version of the tool wrote it.
    case newer(Int)
    /// The repair makes no sense.
    case defective(String)

    /// What is wrong, in a few words.
    public var description: String {
      switch self {
      case .tooLong: "it is longer than \(BankLine.longest) bytes"
      case .unreadable(let why): "it is no repair of a bank (\(why))"
      case .newer(let form):
        "a newer heal wrote it (its form is \(form), this one knows \(BankLine.form))"
      case .defective(let why): "it makes no sense: \(why)"
      }
    }
  }

  /// The line of a repair, without its end.
  public static func text(of repair: BankedRepair) throws -> String {
    try storedJSON(Line(healBank: form, repair: repair))
  }

  /// The repair of a line.
  ///
  /// - Parameter line: The line, without its end; it may come from anywhere.
  /// - Returns: The repair.
  /// - Throws: ``Refusal``.
  public static func repair(in line: some Collection<UInt8>) throws(Refusal) -> BankedRepair {
    guard line.count <= longest else { throw .tooLong }
    let data = Data(line)
    let repair: BankedRepair
    do {
      let found = try JSONDecoder().decode(Form.self, from: data).healBank
      guard found == form else {
        throw found > form ? Refusal.newer(found) : .unreadable("its form is \(found)")
      }
      guard let read = try JSONDecoder().decode(Line.self, from: data).repair else {
        throw Refusal.unreadable("it has no repair")
      }
      repair = read
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw .unreadable(reason(error))
    }
    if let defect = repair.defect { throw .defective(defect) }
    return repair
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "`\(key.stringValue)` is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context):
      context.codingPath.last.map { "`\($0.stringValue)` cannot be read" } ?? "it is not JSON"
    default: "it is not JSON"
    }
  }
}
