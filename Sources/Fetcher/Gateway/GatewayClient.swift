package import Diagnostics
import FoundationEssentials
package import HTTPTransfer
import SignedMetadata
import Synchronization
import SystemPackage

/// What the fetcher asks of a gateway, and what it cost.
///
/// Nothing that comes back is trusted: metadata and targets are judged by signatures, tokens by the
/// vendor's license keys.
package final class GatewayClient: Sendable {
    private let base: String
    private let http: HTTPClient
    private let deadline: ContinuousClock.Instant?
    private let cost = Mutex(Cost())

    /// What the requests of a run cost.
    package struct Cost: Sendable {
        package var requests = 0
        package var bytesReceived: Int64 = 0
        package var requestIDs: [String] = []
    }

    /// - Parameters:
    ///   - settings: whose address and certificates to use
    ///   - deadline: when the whole run must have ended its transfers
    /// - Throws: `settings.url-missing` without an address, ``NetworkError`` for a certificate file that
    ///   cannot be read.
    package init(_ settings: Settings, deadline: ContinuousClock.Instant? = nil) throws {
        base = try settings.requireURL()
        http = try HTTPClient(
            HTTPClientConfiguration(
                userAgent: "pkg/\(programVersion)", caFile: settings.caFile?.string))
        self.deadline = deadline
    }

    /// Ends the transfer thread; the client cannot be used afterwards.
    package func shutDown() async {
        await http.shutDown()
    }

    /// What was asked for up to now.
    package var costSoFar: Cost { cost.withLock(\.self) }

    /// A small file that every gateway has, below its address.
    ///
    /// - Throws: ``NetworkError``; ``NoGateway`` when it is not there.
    package func file(_ path: String, maximumLength: Int) async throws -> [UInt8] {
        let response = try await send(
            HTTPRequest(
                "GET", "\(base)/\(path)", maximumBodyBytes: maximumLength,
                acceptedStatuses: [403, 404], deadline: deadline))
        guard response.status == 200 else {
            throw NoGateway("\(response.effectiveURL)", status: response.status)
        }
        return response.body
    }

    /// Posts JSON, as the check-in does.
    ///
    /// - Throws: ``NetworkError``; a refusal by the gateway has its status and
    ///   `application/problem+json` body.
    package func post(
        _ path: String, _ body: [UInt8], headers: [HTTPHeader] = []
    ) async throws(NetworkError) -> HTTPResponse {
        try await send(
            HTTPRequest(
                "POST", "\(base)/\(path)",
                headers: headers + [HTTPHeader("Content-Type", "application/json")], body: body,
                isRepeatable: true, deadline: deadline))
    }

    /// Streams a file of known length below the gateway's address to a sink, from where the sink
    /// stopped.
    package func download(
        _ path: String, length: Int64, authorization: Secret<String>, resumeOffset: Int64,
        bypassCaches: Bool, to sink: any DownloadSink
    ) async throws(NetworkError) {
        do {
            let outcome = try await http.download(
                DownloadRequest(
                    "\(base)/\(path)", authorization: authorization, resumeOffset: resumeOffset,
                    maximumBytes: length, expectedBytes: length, bypassCaches: bypassCaches,
                    deadline: deadline),
                to: sink)
            record(requests: outcome.tries, outcome.receivedBytes, outcome.requestID)
        } catch {
            record(requests: error.tries, 0, error.requestID)
            throw error
        }
    }

    private func send(_ request: HTTPRequest) async throws(NetworkError) -> HTTPResponse {
        do {
            let response = try await http.send(request)
            record(requests: response.tries, Int64(response.body.count), response.requestID)
            return response
        } catch {
            record(requests: error.tries, Int64(error.body.count), error.requestID)
            throw error
        }
    }

    private func record(requests: Int, _ bytes: Int64, _ requestID: String?) {
        cost.withLock { cost in
            cost.requests += requests
            cost.bytesReceived += bytes
            if let requestID { cost.requestIDs.append(maskingSecrets(requestID)) }
        }
    }
}

/// The gateway as a place that metadata comes from.
extension GatewayClient: MetadataTransport {
    /// Only the root that may come next may be absent.
    package func fetch(_ file: String, maximumLength: Int) async throws -> [UInt8]? {
        guard file.hasSuffix(".root.json") else {
            return try await self.file("metadata/\(file)", maximumLength: maximumLength)
        }
        let response = try await send(
            HTTPRequest(
                "GET", "\(base)/metadata/\(file)", maximumBodyBytes: maximumLength,
                acceptedStatuses: [403, 404], deadline: deadline))
        return response.status == 200 ? response.body : nil
    }
}
