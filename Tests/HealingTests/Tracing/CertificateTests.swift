import HealingModel
import Scheduling
import Testing

@testable import Healing

/// What an exploration is certified with, and what checking that again refuses.
@Suite("Certificates of schedules")
struct CertificateTests {
  private static let modules = [
    ImportedModule(name: "json", version: "2", path: "/lib/json.py", hash: "a")
  ]
  private static let options = TraceOptions(seed: 3, deadline: 1000, certifies: true)

  private func program(
    _ threads: TinyThreads,
    modules: [ImportedModule] = modules,
    interpreter: String = "3.11.7"
  ) -> FakeScheduled {
    FakeScheduled(interpreter: interpreter, modules: modules) { schedule, _ in
      threads.run(schedule)
    }
  }

  private func certificate(_ threads: TinyThreads) async throws -> ScheduleCertificate {
    let program = program(threads)
    let result = try await trace(
      program,
      options: Self.options,
      now: { 0 },
      progress: { _ in }
    )
    return try #require(
      result.certificate(
        of: program.identity,
        options: Self.options,
        arguments: ["main"],
        input: [1]
      )
    )
  }

  private func checks(
    _ certificate: ScheduleCertificate,
    of program: FakeScheduled,
    arguments: [String] = ["main"],
    input: [UInt8] = [1],
    expected: String? = nil
  ) async throws -> [CertificateCheck] {
    try await recheck(
      certificate,
      of: program,
      options: TraceOptions(deadline: 1000, expected: expected),
      arguments: arguments,
      input: input,
      now: { 0 }
    )
  }

  private func failed(_ checks: [CertificateCheck]) -> String? {
    checks.first { !$0.passed }?.name
  }

  @Test("all schedules: the certificate has them, and they are explored anew, a process for each")
  func exhausted() async throws {
    let certificate = try await certificate(.locked)
    #expect(certificate.claim == .exhausted(bound: nil, classes: 2, repeated: 2))
    #expect(certificate.runs.count == 2 && certificate.program.modules == Self.modules)
    #expect(certificate.seed == 3 && certificate.isIntact)
    let again = program(.locked)
    let checks = try await checks(certificate, of: again)
    #expect(failed(checks) == nil && checks.count == 6, "\(checks)")
    #expect(again.batches.allSatisfy { $0.isolation == .fork })
  }

  @Test("a failing schedule fails again")
  func fails() async throws {
    let certificate = try await certificate(.lostUpdate)
    guard case .fails(let kind, _) = certificate.claim else {
      Issue.record("\(certificate.claim)")
      return
    }
    #expect(kind == "exception" && certificate.runs.count == 1)
    #expect(failed(try await checks(certificate, of: program(.lostUpdate))) == nil)
    let repaired = try await checks(certificate, of: program(.locked))
    #expect(failed(repaired) == "its runs come to the same, a process for each")
  }

  @Test("a claim about all schedules does not hold where one fails, or there are others")
  func notExhausted() async throws {
    let certificate = try await certificate(.locked)
    let worse = FakeScheduled(interpreter: "3.11.7", modules: Self.modules) { schedule, batch in
      // Repeated runs are as they were; an exploration asks for steps and finds others.
      batch.detail == .outcome
        ? TinyThreads.locked.run(schedule) : TinyThreads.lostUpdate.run(schedule)
    }
    let found = try await checks(certificate, of: worse)
    #expect(failed(found) == "all schedules, explored anew, a process for each", "\(found)")
  }

  @Test("another program, interpreter, input, output or import is refused")
  func surroundings() async throws {
    let certificate = try await certificate(.locked)
    let same = program(.locked)
    let other = "it ran as it does now"
    let old = program(.locked, interpreter: "3.9.1")
    #expect(failed(try await checks(certificate, of: old)) == other)
    #expect(failed(try await checks(certificate, of: same, arguments: ["main", "x"])) == other)
    #expect(failed(try await checks(certificate, of: same, input: [])) == other)
    #expect(failed(try await checks(certificate, of: same, expected: "2")) == other)
    let newer = program(.locked, modules: [])
    #expect(failed(try await checks(certificate, of: newer)) == "what it imports is the same")
    var elsewhere = certificate
    elsewhere.program.files["main"] = "1"
    #expect(failed(try await checks(elsewhere, of: same)) == "the certificate is as it was made")
    var resealed = ScheduleCertificate(
      claim: certificate.claim,
      program: elsewhere.program,
      model: certificate.model,
      seed: certificate.seed,
      runs: certificate.runs
    )
    let files = "the files are those of the certificate"
    #expect(failed(try await checks(resealed, of: same)) == files)
    resealed.model.clockStart += 1
    #expect(failed(try await checks(resealed, of: same)) == "the certificate is as it was made")
  }

  @Test("nothing is gathered where no certificate was asked for")
  func notAsked() async throws {
    let program = program(.locked)
    let result = try await trace(
      program,
      options: TraceOptions(deadline: 1000),
      now: { 0 },
      progress: { _ in }
    )
    #expect(result.certified == nil && !program.batches.contains { $0.tellsModules })
  }
}
