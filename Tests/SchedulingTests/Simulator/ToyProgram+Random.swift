import HealingModel

extension ToyProgram {
  /// A random program of two or three threads beside the main thread, with about four events each.
  ///
  /// - Parameters:
  ///   - seed: The seed.
  ///   - timed: Whether there are time-outs, sleeps and daemons.
  /// - Returns: The program.
  static func random(seed: UInt64, timed: Bool = false) -> ToyProgram {
    var generator = SeededGenerator(seed: seed)
    let count = generator.chance(8) ? 3 : 2
    var workers: [[Operation]] = []
    for _ in 0..<count {
      var body: [Operation] = []
      while body.count < (count == 3 ? 3 : 4) { body += piece(timed: timed, with: &generator) }
      workers.append(body)
    }
    var program = ToyProgram(workers)
    if generator.chance(4) { program.threads[0] += [.read(0), .write(0, .plus(5))] }
    if generator.chance(6) { program.threads[0] += [.isAlive(1), .write(2, .plus(7))] }
    if generator.chance(6), count == 3 {
      program.threads[1].append(.spawn(3))
      program.threads[0].removeAll { $0 == .spawn(3) }
    } else if generator.chance(6) {
      program.threads[2].append(.join(1))
    }
    if timed, generator.chance(4) { program.threads[0] += [.joinFor(1), .output] }
    if timed, generator.chance(6) { program.daemons = [2] }
    return program
  }

  private static func piece(
    timed: Bool,
    with generator: inout SeededGenerator
  ) -> [Operation] {
    let variable = generator.below(2)
    let change: [Operation] = [.read(variable), .write(variable, expression(with: &generator))]
    let lock = generator.below(2)
    switch generator.below(timed ? 16 : 12) {
    case 0, 1: return change
    case 2: return [.write(variable, .constant(generator.below(3)))]
    case 3: return [.read(variable), .write(2, expression(with: &generator))]
    case 4: return [.sum, .write(variable, .plus(1))]
    case 5, 6: return [.acquire(lock)] + change + [.release(lock)]
    case 7: return [.acquire(lock), .acquire(1 - lock), .release(1 - lock), .release(lock)]
    case 8: return [.attempt(lock, otherwise: 3)] + change + [.release(lock)]
    case 9: return [.acquire(0), .read(2), .unlessZero(skip: 1), .wait(0), .release(0)]
    case 10:
      let wake: Operation = generator.chance(2) ? .notify(0) : .notifyAll(0)
      return [.acquire(0), .write(2, .constant(1)), wake, .release(0)]
    case 11: return [.read(variable), .output]
    case 12: return [.acquireFor(lock, otherwise: 3)] + change + [.release(lock)]
    case 13: return [.acquire(0), .waitFor(0), .release(0), .write(2, .plus(1))]
    case 14: return [.sleep, .write(variable, .plus(1))]
    default: return [.acquire(lock), .write(variable, .times(3)), .yield, .release(lock)]
    }
  }

  private static func expression(with generator: inout SeededGenerator) -> Expression {
    generator.chance(2) ? .plus(generator.below(3) + 1) : .times(2)
  }
}

extension SeededGenerator {
  /// A number from 0 on below a bound.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// True once in so many times.
  mutating func chance(_ of: Int) -> Bool { below(of) == 0 }
}
