extension FailureCode {
    package static let agentAddressRefused = FailureCode(
        "agent.address-refused",
        title: "The agent listens on this machine only",
        meaning: """
            The license page and the status for the application speak plain HTTP, so `pkg agent` \
            listens on 127.0.0.1 or ::1 and on no address that other machines reach.
            """,
        remedy: """
            Leave --host out, and reach the page from elsewhere through a tunnel: \
            `ssh -L PORT:127.0.0.1:PORT` or `kubectl port-forward`, with the same PORT at both ends.
            """,
        exitStatus: .usage)

    package static let agentListenFailed = FailureCode(
        "agent.listen-failed",
        title: "The agent cannot listen on its port",
        meaning: "Another program has the port, perhaps another agent, or it is below 1024.",
        remedy: "Choose another port with --port; 0 lets the system choose one.",
        exitStatus: .local)

    package static let agentProgramMissing = FailureCode(
        "agent.program-missing",
        title: "The program pkg-agent is not installed",
        meaning: """
            `pkg agent` starts the program pkg-agent, which was found neither beside `pkg` nor on \
            the search path.
            """,
        remedy: "Install pkg-agent beside pkg: both come from the same release.",
        exitStatus: .local)

    package static let agentNotRunning = FailureCode(
        "agent.not-running",
        title: "No agent answers",
        meaning: "No `pkg agent` with this storage folder listens on the port.",
        remedy: "Start `pkg agent`, or name its port with --port.",
        exitStatus: .local)

    package static let agentFile = FailureCode(
        "agent.file",
        title: "The agent's own file is damaged",
        meaning: """
            `.license/agent.json` in the storage folder holds the token by which the application \
            talks to the agent. It can no longer be read.
            """,
        remedy: "Delete the file and start the agent again: it makes a new one.",
        exitStatus: .local)

    package static let agentHostRefused = FailureCode(
        "agent.host-refused",
        title: "The request is not for this agent",
        meaning: """
            The agent answers only to 127.0.0.1, localhost and [::1] with its own port, so that no \
            web page can reach it through a name that was pointed at this machine (DNS rebinding).
            """,
        remedy: """
            Open the address as it was printed. Through a tunnel, use the same port at both ends.
            """,
        exitStatus: .usage)

    package static let agentOriginRefused = FailureCode(
        "agent.origin-refused",
        title: "Another web page made this request",
        meaning: """
            Only the license page itself may send its forms; a request that another page made in \
            your browser's name was refused. Nothing was changed.
            """,
        remedy: "Open the license page by its own address and do it there.",
        exitStatus: .usage)

    package static let agentFormExpired = FailureCode(
        "agent.form-expired",
        title: "The form is no longer valid",
        meaning: "It was made for another session of the license page. Nothing was changed.",
        remedy: "Go back to the license page and do it again.",
        exitStatus: .usage)

    package static let agentPageLocked = FailureCode(
        "agent.page-locked",
        title: "This address opens the license page no more",
        meaning: """
            An address with a token works once, in one browser, until the agent restarts. The page \
            also closes after 8 hours without use.
            """,
        remedy: "Run `pkg agent --print-url` where the agent runs, and open what it prints.",
        exitStatus: .usage)

    package static let agentTokenRefused = FailureCode(
        "agent.token-refused",
        title: "The agent's API token is missing or wrong",
        meaning: """
            Any user of a machine can connect to loopback, so the application proves that it may \
            read the storage folder: by the token in `.license/agent.json`.
            """,
        remedy: """
            Send `Authorization: Bearer …` with the value of `api_token` in `.license/agent.json`.
            """,
        exitStatus: .usage)

    package static let agentRequest = FailureCode(
        "agent.request-malformed",
        title: "The agent did not understand the request",
        meaning: """
            The address does not exist, or the body is not what it takes or is longer than that.
            """,
        remedy: "Compare the request with `docs/license-page.md`.",
        exitStatus: .usage)

    package static let replicasAddress = FailureCode(
        "replicas.redis-address",
        title: "The address of Redis cannot be used",
        meaning: """
            TOLLGATE_REDIS_URL or NC_REDIS_URL is not of the form \
            redis://[user:password@]host[:port][/database]. TLS (rediss://) is not spoken.
            """,
        remedy: """
            Correct the address. For Redis beyond the own network put a TLS tunnel such as stunnel \
            in front of it, or leave the variable out: replicas then watch the storage folder.
            """,
        exitStatus: .usage)

    package static let replicasUnreachable = FailureCode(
        "replicas.redis-unreachable",
        title: "Redis does not answer",
        meaning: """
            The agent cannot tell its replicas of changes at once. They still notice them in the \
            storage folder that they share; the license itself is not affected.
            """,
        remedy: "Start Redis, or correct TOLLGATE_REDIS_URL. The agent connects again by itself.",
        exitStatus: .network)

    static let agentCodes: [FailureCode] = [
        agentAddressRefused, agentListenFailed, agentProgramMissing, agentNotRunning, agentFile,
        agentHostRefused, agentOriginRefused, agentFormExpired, agentPageLocked,
        agentTokenRefused, agentRequest, replicasAddress, replicasUnreachable,
    ]
}
