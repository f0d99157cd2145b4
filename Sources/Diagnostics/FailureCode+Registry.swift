extension FailureCode {
    package static let versionExists = FailureCode(
        "registry.version-exists",
        title: "This version is published already",
        meaning: """
            The gateway holds a release with this name and version and other bytes. What was \
            published never changes: installations have it, and its digest is signed.
            """,
        remedy: "Raise the version in package.json, pack again and publish that.",
        exitStatus: .usage)

    package static let releaseRefused = FailureCode(
        "registry.release-refused",
        title: "The tarball cannot be published",
        meaning: """
            The tarball's package.json has a name, a version or a range that cannot be used, or it \
            does not say which versions of the application it is for.
            """,
        remedy: "Correct what is named, pack again and publish that.",
        exitStatus: .usage)

    package static let registryNotFound = FailureCode(
        "registry.not-found",
        title: "There is no such plugin or release",
        meaning: """
            The gateway has no such plugin or release, or the license does not cover the plugin: \
            what a license may not see looks the same as what does not exist.
            """,
        remedy: "Check the name and version; `pkg license status` lists the licensed plugins.",
        exitStatus: .license)

    package static let versionForbidden = FailureCode(
        "registry.version-forbidden",
        title: "The license does not cover this version",
        meaning: """
            The plugin is licensed, this release of it is not: it was published after the update \
            period, or on a channel that the license does not include.
            """,
        remedy: "Install a covered release, or renew the update period.",
        exitStatus: .license)

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

    static let registryCodes: [FailureCode] =
        [
            versionExists, releaseRefused, registryNotFound, versionForbidden, credentialsMissing,
            credentialsInvalid,
        ] + gatewayCodes
}
