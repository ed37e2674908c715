/// The generator behind Python's `random`, for the same samples as its scripts take.
///
/// MT19937: Matsumoto and Nishimura, "Mersenne Twister: A 623-Dimensionally Equidistributed Uniform
/// Pseudo-Random Number Generator", 1998, seeded by an array of words.
struct MersenneTwister {
  private static let count = 624
  private static let middle = 397
  private var state = [UInt32](repeating: 0, count: MersenneTwister.count)
  private var index = MersenneTwister.count

  /// Makes a generator.
  init(seed: UInt64) {
    let low = UInt32(truncatingIfNeeded: seed)
    let high = UInt32(truncatingIfNeeded: seed >> 32)
    let key = high == 0 ? [low] : [low, high]
    let count = Self.count
    state[0] = 19_650_218
    for i in 1..<count { state[i] = mixed(i, 1_812_433_253) &+ UInt32(i) }
    var (i, j) = (1, 0)
    for _ in 0..<count {
      state[i] = (state[i] ^ mixed(i, 1_664_525)) &+ key[j] &+ UInt32(j)
      step(&i)
      j = (j + 1) % key.count
    }
    for _ in 1..<count {
      state[i] = (state[i] ^ mixed(i, 1_566_083_941)) &- UInt32(i)
      step(&i)
    }
    state[0] = 0x8000_0000
  }

  /// The word before, spread over all bits.
  private func mixed(_ i: Int, _ factor: UInt32) -> UInt32 {
    (state[i - 1] ^ (state[i - 1] >> 30)) &* factor
  }

  private mutating func step(_ i: inout Int) {
    i += 1
    guard i >= Self.count else { return }
    state[0] = state[Self.count - 1]
    i = 1
  }

  /// The next 32 bits.
  mutating func next() -> UInt32 {
    if index >= Self.count { twist() }
    var word = state[index]
    index += 1
    word ^= word >> 11
    word ^= (word << 7) & 0x9d2c_5680
    word ^= (word << 15) & 0xefc6_0000
    return word ^ (word >> 18)
  }

  private mutating func twist() {
    for i in 0..<Self.count {
      let word = (state[i] & 0x8000_0000) | (state[(i + 1) % Self.count] & 0x7fff_ffff)
      let shifted = (word >> 1) ^ (word & 1 == 0 ? 0 : 0x9908_b0df)
      state[i] = state[(i + Self.middle) % Self.count] ^ shifted
    }
    index = 0
  }

  /// A number below `bound`, which is at least 1.
  private mutating func below(_ bound: UInt32) -> Int {
    let bits = UInt32(32 - bound.leadingZeroBitCount)
    while true {
      let drawn = next() >> (32 - bits)
      if drawn < bound { return Int(drawn) }
    }
  }

  /// Puts elements in a drawn order.
  mutating func shuffle<Element>(_ elements: inout [Element]) {
    for i in elements.indices.dropFirst().reversed() {
      elements.swapAt(i, below(UInt32(i + 1)))
    }
  }
}
