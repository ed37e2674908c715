import Foundation
import Healing
import HealingModel
import Processes
import PythonAgent
import Synchronization

extension BenchPort {
  /// Seconds that the tests of one program may take when they judge.
  private static let testSeconds = 10.0

  /// The real parts: this very executable, started anew for each healing, and the test runner.
  ///
  /// - Parameters:
  ///   - settings: Name the interpreter and the sandbox.
  ///   - context: The world.
  /// - Returns: The port.
  /// - Throws: What `CommandError` takes when something that is needed is not there.
  static func live(_ settings: Settings, in context: Context) async throws -> BenchPort {
    var environment = context.environment
    // The choice was made by the settings, which know the variable too.
    environment["HEAL_SANDBOX"] = nil
    guard let heal = Bundle.main.executablePath else {
      throw CommandError.fault("the path of heal is not known")
    }
    do {
      let sandbox = try await Sandbox.probe(
        environment: environment,
        mechanism: settings.sandbox.mechanism
      )
      let work = try WorkFolder(environment: environment)
      do {
        return try await opened(heal, sandbox, work, settings, in: context, environment)
      } catch {
        await work.remove()
        throw error
      }
    } catch let error as SandboxError {
      throw CommandError(sandbox: error)
    }
  }

  private static func opened(
    _ heal: String,
    _ sandbox: Sandbox,
    _ work: WorkFolder,
    _ settings: Settings,
    in context: Context,
    _ environment: [String: String]
  ) async throws -> BenchPort {
    let policy = Ports.policy(settings, in: context)
    let options = PythonOptions(interpreter: settings.python, environment: environment)
    let empty = BenchFolder(path: work.path + "/bench-0")
    try empty.write([:])
    let runner = try await TestRunner(
      root: empty.program,
      options: options,
      processes: try await .live(root: empty.program, sandbox: sandbox, policy: policy, work: work)
    )
    let number = Mutex(0)
    return BenchPort(
      interpreter: runner.interpreter,
      interpreterVersion: runner.interpreterVersion,
      makeFolder: {
        let next = number.withLock { number in
          number += 1
          return number
        }
        return BenchFolder(path: "\(work.path)/bench-\(next)")
      },
      heal: { session in
        try await answer(of: session, heal, sandbox, cleared(environment))
      },
      passes: { folder, tests in
        let own = try WorkFolder(environment: environment)
        do {
          let passes = try await runner.passes(
            tests,
            processes: try await .live(
              root: folder.program,
              sandbox: sandbox,
              policy: policy,
              work: own
            ),
            within: testSeconds
          )
          await own.remove()
          return passes
        } catch {
          await own.remove()
          throw error
        }
      },
      close: { await work.remove() }
    )
  }

  /// The environment without what would set anything of heal: the measurement says what holds.
  private static func cleared(_ environment: [String: String]) -> [String: String] {
    let names = Set(SettingsKey.allCases.map(\.variable))
    return environment.filter { !names.contains($0.key) }
  }

  private static func answer(
    of session: BenchSession,
    _ heal: String,
    _ sandbox: Sandbox,
    _ environment: [String: String]
  ) async throws -> BenchAnswer {
    // A report may be longer than what is kept of a child's output.
    let report = session.folder.path + "/report.json"
    if let preparation = session.preparation {
      let ended = try await sandbox.runTrusted(
        [heal] + preparation,
        environment: environment.merging(session.environment) { _, new in new },
        in: session.folder.program,
        within: session.seconds
      )
      guard ended.exit == .code(0) else {
        throw CommandError.usage(
          "heal \(preparation.joined(separator: " ")) failed: \(ended.stderr.text)"
        )
      }
    }
    let script = #"out="$0"; exec "$@" > "$out""#
    let result = try await sandbox.runTrusted(
      ["/bin/sh", "-c", script, report, heal] + session.arguments,
      environment: environment.merging(session.environment) { _, new in new },
      in: session.folder.program,
      within: session.seconds
    )
    var status: Int?
    if case .code(let code) = result.exit { status = code }
    return BenchAnswer(
      exit: status,
      out: String(decoding: (try? readFile(report, atMost: 64_000_000)) ?? [], as: UTF8.self),
      err: result.stderr.text,
      seconds: result.wall
    )
  }
}
