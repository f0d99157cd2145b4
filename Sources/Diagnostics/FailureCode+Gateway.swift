extension FailureCode {
    package static let credentialsMissing = FailureCode(
        "registry.credentials-missing",
        title: "A license token is needed",
        meaning: "This address is answered only to a request with a license token.",
        remedy: "Activate a license with `pkg license activate`, then run again.",
        exitStatus: .license)

    package static let credentialsInvalid = FailureCode(
        "registry.credentials-invalid",
        title: "The license token is not valid",
        meaning: """
            The token that came with the request is not one that this gateway signed, or its lease \
            is over, or it belongs to a license or an instance that the gateway does not know.
            """,
        remedy: "Get a fresh token with `pkg license refresh`, then run again.",
        exitStatus: .license)

    package static let releaseRefused = FailureCode(
        "registry.release-refused",
        title: "The tarball cannot be published",
        meaning: """
            The tarball's package.json has a name, a version or a range that cannot be used, or it \
            does not say which versions of the application it is for.
            """,
        remedy: "Correct what is named, pack again and publish that.",
        exitStatus: .usage)

    package static let requestMalformed = FailureCode(
        "gateway.request-malformed",
        title: "The gateway did not understand the request",
        meaning: "The body is not the JSON that this address takes, or a header has a wrong form.",
        remedy: "Update the program that sent it; show the request ID to the vendor's support.",
        exitStatus: .network)

    package static let requestTooLarge = FailureCode(
        "gateway.request-too-large",
        title: "The request is too large",
        meaning: "The body has more bytes than this address takes.",
        remedy: "Update the program that sent it; show the request ID to the vendor's support.",
        exitStatus: .network)

    package static let requestTimedOut = FailureCode(
        "gateway.request-timeout",
        title: "The request took too long to arrive",
        meaning: """
            The head of a request has 20 seconds; its body has 30 seconds in hand, must come with at \
            least 1 KiB a second then, and may never be silent for a minute.
            """,
        remedy: "Run again over a better connection; look at proxies in between.",
        exitStatus: .network)

    package static let tooManyConnections = FailureCode(
        "gateway.too-many-connections",
        title: "The gateway has no room for another connection",
        meaning: """
            The gateway has as many connections as it takes in all, or from the client's address. Of \
            all that `maximum-connections` in tollgate.yaml allows, one address gets a quarter.
            """,
        remedy: "Wait as many seconds as the header Retry-After says; use fewer at once.",
        exitStatus: .network)

    package static let rateLimited = FailureCode(
        "gateway.rate-limited",
        title: "Too many requests",
        meaning: """
            The client's address or the license sent more requests than `rate-limit-address` or \
            `rate-limit-license` in tollgate.yaml allow, or the address failed too often to prove who \
            it is.
            """,
        remedy: "Wait as many seconds as the header Retry-After says, then run again.",
        exitStatus: .network)

    package static let methodNotAllowed = FailureCode(
        "gateway.method-not-allowed",
        title: "The gateway does not do this here",
        meaning: "The address exists, but not with this HTTP method. The header Allow lists those.",
        remedy: "Use a method that the header Allow lists.",
        exitStatus: .network)

    package static let addressNotFound = FailureCode(
        "gateway.not-found",
        title: "The gateway has nothing at this address",
        meaning: "No page, file or function of the gateway has this address.",
        remedy: "Check TOLLGATE_URL: it is the gateway's base address, without a path of its own.",
        exitStatus: .network)

    package static let gatewayNotReady = FailureCode(
        "gateway.not-ready",
        title: "The gateway is not ready",
        meaning: "The database, the artifacts or fresh signed metadata are not there.",
        remedy: "Look at the gateway's log for the reason; the answer names what is missing.",
        exitStatus: .network)

    package static let gatewayFailed = FailureCode(
        "gateway.failed",
        title: "The gateway failed",
        meaning: """
            The gateway's disk or database failed, or a file that it should have is gone. Its log \
            has the cause, under the request ID.
            """,
        remedy: "Run again; if it stays, show the request ID to the vendor's support.",
        exitStatus: .network)

    package static let installationUnknown = FailureCode(
        "license.installation-not-found",
        title: "The gateway does not know this installation",
        meaning: """
            A check-in named an installation that was never registered or was released since, for \
            example because the license moved to another instance.
            """,
        remedy: "Activate again with the license key: `pkg license activate`.",
        exitStatus: .license)

    package static let checkInSignatureInvalid = FailureCode(
        "license.check-in-signature",
        title: "The check-in is not signed by this installation",
        meaning: """
            The header Tollgate-Signature (for NocoDB's client the member `signature`) is missing or \
            does not match the body and the secret that the installation got when it was activated.
            """,
        remedy: "Activate again with the license key: `pkg license activate`.",
        exitStatus: .license)

    package static let airgapRefused = FailureCode(
        "license.airgap-refused",
        title: "The license is not one for a machine without a network",
        meaning: """
            An installation asked to be licensed once and never to check in again. That takes a \
            license that was issued as airgapped and has an end of its term.
            """,
        remedy: "Ask the vendor for an airgapped license, or use this one with its check-ins.",
        exitStatus: .license)

    package static let dataFolderUnusable = FailureCode(
        "gateway.data-folder",
        title: "The data folder cannot be used",
        meaning: """
            The folder is not one that `tollgate init` made, or making it did not come to its end, \
            or a file in it cannot be read or written.
            """,
        remedy: "Check --data and the folder's owner; a new gateway is made by `tollgate init`.",
        exitStatus: .local)

    package static let dataFolderNotEmpty = FailureCode(
        "gateway.data-folder-not-empty",
        title: "The data folder is not empty",
        meaning: "`tollgate init` never writes over anything: it takes an empty or a new folder.",
        remedy: "Choose another folder with --data, or move away what is there.",
        exitStatus: .local)

    package static let addressRefused = FailureCode(
        "gateway.address-refused",
        title: "The gateway does not listen beyond this machine without TLS",
        meaning: """
            Licenses and plugins travel over this address. `tollgate serve` speaks plain HTTP, so it \
            listens on loopback only, unless a proxy that speaks TLS stands in front.
            """,
        remedy: """
            Put a TLS proxy in front and add --behind-proxy; for a test network add --insecure-http.
            """,
        exitStatus: .usage)

    package static let listenFailed = FailureCode(
        "gateway.listen-failed",
        title: "The gateway cannot listen on its address",
        meaning: """
            Another program has the port, the address is none of this machine, or a port below 1024 \
            was chosen without the right to it.
            """,
        remedy: "Look which program has the port; choose another with --port, or --host.",
        exitStatus: .local)

    package static let recordNotFound = FailureCode(
        "gateway.record-not-found",
        title: "The gateway has no such record",
        meaning: "No license, plugin or account has the name or ID that was given.",
        remedy: "List what there is with `tollgate licenses list` or `tollgate plugins list`.",
        exitStatus: .usage)

    static let gatewayCodes: [FailureCode] = [
        credentialsMissing, credentialsInvalid, releaseRefused,
        requestMalformed, requestTooLarge, requestTimedOut, tooManyConnections,
        rateLimited, methodNotAllowed, addressNotFound, gatewayNotReady,
        gatewayFailed,
        installationUnknown, checkInSignatureInvalid, airgapRefused, dataFolderUnusable,
        dataFolderNotEmpty,
        addressRefused, listenFailed, recordNotFound,
    ]
}
