import Hummingbird
import Logging

/// What travels with a request through the gateway.
struct GatewayRequestContext: RequestContext {
    typealias Source = GatewayRequestSource

    var coreContext: CoreRequestContextStorage
    /// Who sent it; nil for a connection that is none of IP.
    let address: ClientAddress?
    /// What links in the answer begin with.
    let origin: RequestOrigin

    init(source: GatewayRequestSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.address
        origin = source.origin
    }
}

/// What is known of a request before any route is asked.
struct GatewayRequestSource: RequestContextSource {
    let logger: Logger
    let address: ClientAddress?
    let origin: RequestOrigin
}
