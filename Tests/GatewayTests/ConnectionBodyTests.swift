import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Gateway

/// How the bodies of requests come in.
struct ConnectionBodyTests {
    @Test func aBodyIsAskedForWhenItIsWanted() async throws {
        try await TestGateway.run { gateway in
            let head =
                "POST /api/v1/on-premise/agent HTTP/1.1\r\nHost: x\r\n"
                + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            let (first, final) = try await gateway.raw { connection in
                connection.send(head)
                let first = connection.answer()
                connection.send("[]")
                return (first, connection.answer())
            }
            #expect(first?.status == 100)
            #expect(final?.code != nil)
        }
    }

    @Test func aBodyBehindAnotherRequestArrivesWhole() async throws {
        try await TestGateway.run { gateway in
            let before = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
            let head =
                "POST /api/v1/on-premise/agent HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
            let alone = try await gateway.raw(head + "{}")
            let (first, second) = try await gateway.raw { connection in
                connection.send(before + head + "{")
                let first = connection.answer()
                connection.send("}")
                return (first, connection.answer())
            }
            #expect(first?.status == 200)
            #expect(second?.detail != nil)
            #expect(second?.detail == alone?.detail)
        }
    }

    @Test func aBodyBehindAnotherRequestIsAskedFor() async throws {
        try await TestGateway.run { gateway in
            let statuses = try await gateway.raw { connection in
                connection.send(
                    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                        + "POST /api/v1/on-premise/agent HTTP/1.1\r\nHost: x\r\n"
                        + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
                let first = [connection.answer(), connection.answer()].map { $0?.status }
                connection.send("{}")
                return first + [connection.answer()?.status]
            }
            #expect(statuses.prefix(2) == [200, 100])
            #expect((statuses.last ?? nil).map { (400..<500).contains($0) } == true)
        }
    }

    @Test func aBodyIsNotAskedForWhenItIsRefused() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.raw(
                "POST /healthz HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 900000\r\n\r\n")
            #expect(answer?.status == 405)
            #expect(answer?.headers["connection"] == "close")
        }
    }

    @Test func aBodyThatIsTooLargeIsNotAskedFor() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.raw(
                "POST /api/v1/on-premise/agent HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 9000000\r\n\r\n")
            #expect(answer?.status == 413)
            #expect(answer?.code == "gateway.request-too-large")
        }
    }

    @Test func aRefusalArrivesThoughTheBodyIsStillSent() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.raw { connection in
                connection.send(
                    "POST /api/v1/on-premise/agent HTTP/1.1\r\nHost: x\r\n"
                        + "Content-Length: 8000000\r\n\r\n")
                connection.send([UInt8](repeating: 0x20, count: 8_000_000))
                return connection.answer()
            }
            #expect(answer?.code == "gateway.request-too-large")
        }
    }

    @Test func aSmallRestOfABodyDoesNotCostTheConnection() async throws {
        try await TestGateway.run { gateway in
            let answers = try await gateway.raw { connection in
                connection.send("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
                let first = connection.answer()
                connection.send([UInt8](repeating: 0x20, count: 100))
                connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                return [first?.status, connection.answer()?.status]
            }
            #expect(answers == [405, 200])
        }
    }

    // MARK: Deadlines

    @Test func aBodyThatDripsIsCutOff() async throws {
        var limits = ConnectionLimits()
        limits.bodyAllowance = .milliseconds(50)
        try await TestGateway.run(limits: limits) { gateway in
            let answer = try await gateway.raw(
                "POST /api/v1/on-premise/agent HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            #expect(answer?.status == 408)
            #expect(answer?.code == "gateway.request-timeout")
        }
    }

    @Test func aLongBodySavesUpNoTime() async throws {
        var limits = ConnectionLimits()
        limits.bodyAllowance = .seconds(2)
        limits.bodyReserve = .milliseconds(50)
        limits.bodyRate = 1
        try await TestGateway.run(limits: limits) { gateway in
            // Each byte is worth a second: without a bound, more than a day.
            let answer = try await gateway.raw { connection in
                connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = connection.answer()
                connection.send(
                    "POST /api/v1/on-premise/agent HTTP/1.1\r\nHost: x\r\n"
                        + "Content-Length: 100000\r\n\r\n"
                        + String(repeating: " ", count: 99_999))
                return connection.answer()
            }
            #expect(answer?.status == 408)
            #expect(answer?.code == "gateway.request-timeout")
        }
    }

    @Test func timeInWhichNothingIsReadDoesNotCount() async throws {
        var limits = ConnectionLimits()
        limits.bodyAllowance = .milliseconds(500)
        limits.bodyReserve = .milliseconds(500)
        limits.bodyRate = 1
        limits.bodyAhead = 16 << 10
        limits.head = .seconds(2)
        let length = 1 << 20
        try await withTestVendor { test, _ in
            let (gate, opened) = AsyncStream<Void>.makeStream()
            // Reads nothing until the gate is open, as when the disk is slow.
            let responder = CallbackResponder<GatewayRequestContext> { request, _ in
                _ = await gate.first { true }
                var count = 0
                for try await chunk in request.body { count += chunk.readableBytes }
                return Response(status: count == length ? .ok : .conflict)
            }
            let answer = try await withServer(responder, limits, for: test.vendor) { port in
                async let answer = onOwnThread {
                    let connection = try RawConnection(port)
                    defer { connection.close() }
                    connection.send(
                        "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n")
                    connection.send([UInt8](repeating: 0x20, count: length))
                    return connection.answer()
                }
                // The server's own clock tells that long enough was waited.
                _ = try await onOwnThread { try RawConnection(port).receive() }
                opened.yield()
                return try await answer
            }
            #expect(answer?.status == 200)
        }
    }
}

/// Runs a server that answers with the responder, on a port of the kernel's choice.
private func withServer<Value: Sendable>(
    _ responder: CallbackResponder<GatewayRequestContext>, _ limits: ConnectionLimits,
    for vendor: Vendor, _ body: @Sendable @escaping (UInt16) async throws -> Value
) async throws -> Value {
    let group = MultiThreadedEventLoopGroup.singleton
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let (ports, port) = AsyncStream<UInt16>.makeStream()
    let server = Server(
        childChannelSetup: GatewayServer(
            responder, RequestFrame(vendor, .direct, logger: logger), limits, on: group),
        configuration: ServerConfiguration(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { port.yield($0.localAddress?.port.map { UInt16($0) } ?? 0) },
        eventLoopGroup: group, logger: logger)
    let services = ServiceGroup(
        configuration: ServiceGroupConfiguration(
            services: [server], logger: logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await services.run() }
        guard let number = await ports.first(where: { _ in true }) else {
            throw TestFailure("the server did not start")
        }
        let value = try await body(number)
        await services.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return value
    }
}
