package import Diagnostics

/// The address of the license page with a one-time token in it.
package struct PageAddress: Sendable {
    package let text: Secret<String>

    package init(host: String, port: Int, token: Secret<String>) {
        self.init(
            authority: "\(host.contains(":") ? "[\(host)]" : host):\(port)", token: token)
    }

    init(authority: String?, token: Secret<String>) {
        text = Secret("http://\(authority ?? "127.0.0.1")/?token=\(token.reveal())")
    }
}
