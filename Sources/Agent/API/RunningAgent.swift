import CanonicalJSON
package import Diagnostics
package import Fetcher
import HTTPTransfer

/// The agent that runs beside this command, asked over loopback as the application would.
package struct RunningAgent: Sendable {
    private let storage: StorageFolder
    private let base: String

    package init(_ storage: StorageFolder, host: String, port: Int) {
        self.storage = storage
        base = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// A new address of its license page.
    ///
    /// - Throws: `agent.not-running`
    package func pageAddress() async throws -> Secret<String> {
        guard let file = try AgentFile.read(in: storage) else {
            throw notRunning("No agent has ever run with \(storage.root).")
        }
        let http = try HTTPClient(
            HTTPClientConfiguration(userAgent: "pkg/\(programVersion)", proxy: .none))
        let answer: Result<HTTPResponse, NetworkError>
        do throws(NetworkError) {
            answer = .success(
                try await http.send(
                    HTTPRequest(
                        "POST", "\(base)/v1/page-address",
                        authorization: Secret("Bearer \(file.apiToken.reveal())"), body: [],
                        deadline: .now + .seconds(5))))
        } catch {
            answer = .failure(error)
        }
        await http.shutDown()
        switch answer {
        case .failure(let error): throw notRunning("Nothing answers at \(base).", error)
        case .success(let response):
            guard let url = (try? parseJSON(response.body))?["url"]?.string else {
                throw notRunning("What answers at \(base) is no agent.")
            }
            return Secret(url)
        }
    }

    private func notRunning(_ message: String, _ cause: (any Error)? = nil) -> AgentError {
        AgentError(.agentNotRunning, message, cause: cause)
    }
}
