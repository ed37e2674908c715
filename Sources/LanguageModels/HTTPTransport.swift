import AsyncHTTPClient
import Foundation
import ModelProtocol
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends requests over one pool of connections, which are kept for the next request.
///
/// No redirect is followed, no proxy is used, nothing is unpacked: what comes is what was asked for,
/// from whom it was asked.
struct HTTPTransport: Sendable {
  /// The start of an answer.
  struct Response: Sendable {
    var status: Int
    var location: String?
    var retryAfter: String?
    var body: HTTPClientResponse.Body
  }

  private let client: HTTPClient

  /// Opens the pool.
  ///
  /// - Parameter connectSeconds: How long making a connection may take.
  init(connectSeconds: Double) {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .nanoseconds(Int64(connectSeconds * 1e9))
    configuration.connectionPool.idleTimeout = .seconds(60)
    // We have our own retries, which know how much time is left.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.decompression = .disabled
    configuration.httpVersion = .http1Only
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Ends all connections.
  func close() async { try? await client.shutdown() }

  /// Sends a request; its body is read by whoever takes the response.
  ///
  /// - Parameters:
  ///   - url: Where to.
  ///   - body: What is sent; nil asks for something.
  ///   - authorization: The header that carries a key.
  ///   - seconds: When it is over in any case; the caller ends it sooner by cancelling its task.
  /// - Returns: The start of the answer.
  /// - Throws: Why there is none.
  func send(
    to url: String,
    body: [UInt8]?,
    authorization: String?,
    seconds: Double
  ) async throws(Setback) -> Response {
    var request = HTTPClientRequest(url: url)
    request.headers.add(name: "Accept", value: "text/event-stream, application/json")
    request.headers.add(name: "User-Agent", value: "heal")
    if let authorization { request.headers.add(name: "Authorization", value: authorization) }
    if let body {
      request.method = .POST
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    do {
      let limit = TimeAmount.nanoseconds(Int64(max(0, min(seconds, 86_400)) * 1e9))
      let response = try await client.execute(request, timeout: limit)
      return Response(
        status: Int(response.status.code),
        location: response.headers.first(name: "Location"),
        retryAfter: response.headers.first(name: "Retry-After"),
        body: response.body
      )
    } catch {
      throw Self.setback(error).beforeAnswer
    }
  }

  private static let unreachable = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN]

  /// What an error of the library means.
  static func setback(_ error: any Error) -> Setback {
    switch error {
    case let error as Setback: return error
    case let error as NIOConnectionError:
      if error.dnsAError != nil, error.dnsAAAAError != nil {
        return .unreachable("there is no host \(error.host)")
      }
      return .unreachable("nobody listens at port \(error.port) of \(error.host)")
    case let error as HTTPClientError where error == .connectTimeout:
      return .unreachable("it did not take the connection in time")
    case let error as HTTPClientError where error == .deadlineExceeded: return .timedOut
    case let error as HTTPClientError where error == .tlsHandshakeTimeout:
      return .unreachable("it did not answer with TLS")
    case let error as HTTPClientError where error == .cancelled: return .cancelled
    case let error as HTTPClientError: return .connectionLost(error.shortDescription)
    case is CancellationError: return .cancelled
    case ChannelError.connectTimeout:
      return .unreachable("it did not take the connection in time")
    case is ChannelError: return .connectionLost("it was closed")
    case let error as IOError where unreachable.contains(error.errnoCode):
      return .unreachable(String(cString: strerror(error.errnoCode)).lowercased())
    case let error as IOError:
      return .connectionLost(String(cString: strerror(error.errnoCode)).lowercased())
    default: return .connectionLost("\(type(of: error))")
    }
  }
}

extension Setback {
  static var timedOut: Setback {
    Setback(
      failure: ModelFailure(
        .timedOut,
        "the answer did not come in time",
        remedy: "allow more seconds (--budget), ask for fewer tokens, or use a smaller model"
      )
    )
  }

  static var cancelled: Setback {
    Setback(failure: ModelFailure(.cancelled, "the request was ended", remedy: "ask again"))
  }
}
