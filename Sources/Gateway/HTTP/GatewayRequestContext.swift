import Hummingbird

/// What travels with a request through the gateway.
struct GatewayRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who sent it; nil for a connection that is none of IP.
    var address: ClientAddress?
    /// What links in the answer begin with; found before any route is asked.
    var origin = RequestOrigin(url: "")

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = ClientAddress(source.channel.remoteAddress)
    }
}
