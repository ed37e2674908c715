import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An HTTP server on a port that the system chooses, which does exactly what a script says, right or
/// wrong: every byte of an answer is the script's.
///
/// Each connection has a thread of its own, so that one that hangs holds up no other.
final class FaultServer: Sendable {
  /// One step of an answer.
  enum Step: Sendable {
    /// Sends these bytes.
    case send([UInt8])
    /// Sends these bytes again and again until the client goes away.
    case sendForever([UInt8])
    /// Does nothing for a while.
    case pause(milliseconds: UInt32)
    /// Does nothing until the client goes away.
    case hang
    /// Ends the connection.
    case close
    /// Ends the connection without a farewell.
    case reset
  }

  /// What a client sent.
  struct Request: Sendable {
    var method = ""
    var path = ""
    /// By name in lower case.
    var headers: [String: String] = [:]
    var body: [UInt8] = []
  }

  /// Chooses the steps by the request and by how many of its path came before.
  typealias Script = @Sendable (_ request: Request, _ number: Int) -> [Step]

  private struct State {
    var requests: [Request] = []
    var open: Set<Int32> = []
    var connections = 0
    var isStopped = false
    var sent = 0
  }

  let port: Int
  private let listener: Int32
  private let state = Mutex(State())

  /// Starts a server.
  init(_ script: @escaping Script) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let number = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general -> Int32 in
        let code = bind(listener, general, size)
        return code == 0 && listen(listener, 64) == 0 ? getsockname(listener, general, &size) : -1
      }
    }
    guard number == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    port = Int(UInt16(bigEndian: address.sin_port))
    self.listener = listener
    Thread.detachNewThread { [self] in accept(script) }
  }

  deinit { stop() }

  /// The server's address for a client.
  var url: String { "http://127.0.0.1:\(port)/v1" }
  /// What clients sent so far.
  var requests: [Request] { state.withLock { $0.requests } }
  /// Connections that were made so far.
  var connections: Int { state.withLock { $0.connections } }
  /// Connections that are open.
  var openConnections: Int { state.withLock { $0.open.count } }
  /// Bytes that were sent so far.
  var sent: Int { state.withLock { $0.sent } }

  /// Ends every connection and takes no new one.
  func stop() {
    state.withLock { state in
      guard !state.isStopped else { return }
      state.isStopped = true
      // Closed by the thread that accepts: until then nobody else gets the number.
      shutdown(listener, Int32(SHUT_RDWR))
      for connection in state.open { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  private func accept(_ script: @escaping Script) {
    defer { close(listener) }
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      if connection < 0, errno == EINTR { continue }
      guard connection >= 0 else { return }
      let isWanted = state.withLock { state in
        state.connections += 1
        if !state.isStopped { state.open.insert(connection) }
        return !state.isStopped
      }
      guard isWanted else {
        close(connection)
        return
      }
      Thread.detachNewThread { [self] in
        serve(connection, script)
        state.withLock { state in
          state.open.remove(connection)
          close(connection)
        }
      }
    }
  }

  private func serve(_ connection: Int32, _ script: Script) {
    var pending: [UInt8] = []
    while let request = read(from: connection, &pending) {
      let number = state.withLock { state in
        state.requests.append(request)
        return state.requests.count { $0.path == request.path } - 1
      }
      for step in script(request, number) {
        guard perform(step, on: connection) else { return }
      }
    }
  }

  /// Does one step; false when the connection is over.
  private func perform(_ step: Step, on connection: Int32) -> Bool {
    switch step {
    case .send(let bytes): return send(bytes, to: connection)
    case .sendForever(let bytes):
      while send(bytes, to: connection) {}
      return false
    case .pause(let milliseconds):
      usleep(milliseconds * 1000)
      return true
    case .hang:
      var byte: UInt8 = 0
      while recv(connection, &byte, 1, 0) > 0 {}
      return false
    case .close: return false
    case .reset:
      var option = linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        connection,
        SOL_SOCKET,
        SO_LINGER,
        &option,
        socklen_t(MemoryLayout<linger>.size)
      )
      return false
    }
  }

  private func send(_ bytes: [UInt8], to connection: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      state.withLock { $0.sent += count }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// The next request on a connection; nil at its end.
  private func read(from connection: Int32, _ pending: inout [UInt8]) -> Request? {
    let blank = Array("\r\n\r\n".utf8)
    while true {
      if let end = pending.firstRange(of: blank) {
        var request = Self.head(pending[..<end.lowerBound])
        let length = Int(request.headers["content-length"] ?? "") ?? 0
        if pending.count >= end.upperBound + length {
          request.body = Array(pending[end.upperBound..<(end.upperBound + length)])
          pending.removeFirst(end.upperBound + length)
          return request
        }
      }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = recv(connection, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      pending += buffer[..<count]
    }
  }

  private static func head(_ bytes: ArraySlice<UInt8>) -> Request {
    var request = Request()
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    let words = (lines.first ?? "").split(separator: " ").map(String.init)
    if words.count == 3 { (request.method, request.path) = (words[0], words[1]) }
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      request.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    return request
  }
}
