import Hummingbird
import NIOCore

/// What travels with a request through the agent.
struct AgentRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The port that the request came in at.
    let port: Int

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        port = source.channel.localAddress?.port ?? 0
    }
}
