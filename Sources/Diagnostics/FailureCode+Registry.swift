extension FailureCode {
    package static let registryNameInvalid = FailureCode(
        "registry.name-invalid",
        title: "Invalid package name",
        meaning: """
            A plugin's name breaks npm's rules for package names: lower case, @scope/name, at most \
            214 characters, no part that begins with a dot.
            """,
        remedy: "Correct the name in package.json, or the name that was typed.",
        exitStatus: .verification)

    package static let registryVersionInvalid = FailureCode(
        "registry.version-invalid",
        title: "Invalid version",
        meaning: "A version is not of the form 1.2.3 or 1.2.3-beta.4 (Semantic Versioning 2.0.0).",
        remedy: "Correct the version in package.json, or the version that was given.",
        exitStatus: .verification)

    package static let registryRangeInvalid = FailureCode(
        "registry.range-invalid",
        title: "Invalid range of versions",
        meaning: "A range of versions, such as ^2.0.0 or >=2.1 <3, is none that npm understands.",
        remedy: "Correct the range in peerDependencies or engines of package.json.",
        exitStatus: .verification)

    package static let registryManifestInvalid = FailureCode(
        "registry.manifest-invalid",
        title: "Invalid package.json",
        meaning:
            "A package.json is no JSON object, or a field in it is missing or has a wrong type.",
        remedy: "Correct package.json and pack the plugin anew.",
        exitStatus: .verification)

    package static let registryIntegrityInvalid = FailureCode(
        "registry.integrity-invalid",
        title: "Invalid integrity value",
        meaning: "An integrity value is not sha512- followed by a SHA-512 digest in base64.",
        remedy: "Ask the vendor to publish the release again.",
        exitStatus: .verification)

    package static let registrySignatureInvalid = FailureCode(
        "registry.signature-invalid",
        title: "Registry signature does not match",
        meaning: """
            No npm registry signature of a release was made by one of the vendor's registry keys \
            over its name, version and digest.
            """,
        remedy: "Do not use the release; tell the vendor's support which release it is.",
        exitStatus: .verification)

    package static let registryKeyInvalid = FailureCode(
        "registry.key-invalid",
        title: "Invalid registry key",
        meaning: """
            The list of the vendor's registry keys is damaged, or holds a key that is no ECDSA \
            P-256 key or does not have the fingerprint that it is listed under.
            """,
        remedy: "Ask the vendor's support; the vendor publishes the list anew.",
        exitStatus: .verification)

    package static let registryReleaseInvalid = FailureCode(
        "registry.release-invalid",
        title: "Release is described wrongly",
        meaning: """
            What the signed metadata says of a release is incomplete or contradicts itself, for \
            example the path names another version than the description.
            """,
        remedy: "Ask the vendor's support; the vendor publishes the release anew.",
        exitStatus: .verification)

    package static let registryVendorProfileInvalid = FailureCode(
        "registry.vendor-profile-invalid",
        title: "Vendor profile is damaged",
        meaning: """
            The signed vendor.json, which says how releases fit the application, lacks a member or \
            has one of a wrong type.
            """,
        remedy: "Ask the vendor's support; the vendor publishes vendor.json anew.",
        exitStatus: .verification)

    package static let registryVersionForbidden = FailureCode(
        "registry.version-forbidden",
        title: "The license does not cover this release",
        meaning: """
            The license has the plugin but not this release: it was published after the update \
            period, is in a channel that the license does not allow, or was withdrawn.
            """,
        remedy: "Renew the license's update period, or install a release that it covers.",
        exitStatus: .license)

    package static let registryNotFound = FailureCode(
        "registry.not-found",
        title: "Not in the registry",
        meaning: """
            The registry has no such plugin or release, or none that this license may know of.
            """,
        remedy: "Check the name and version; check that the license has the plugin.",
        exitStatus: .license)

    package static let registryVersionExists = FailureCode(
        "registry.version-exists",
        title: "This version was published before",
        meaning: "A release never changes: a version that was published cannot be published again.",
        remedy: "Raise the version in package.json and publish that.",
        exitStatus: .usage)

    package static let registryTagInvalid = FailureCode(
        "registry.tag-invalid",
        title: "Invalid tag",
        meaning:
            "A dist-tag has other characters than npm allows, or reads as a range of versions.",
        remedy: "Choose a tag such as stable-2.",
        exitStatus: .usage)

    package static let registryMessageInvalid = FailureCode(
        "registry.message-invalid",
        title: "Invalid message about a release",
        meaning: """
            Why a release is deprecated or withdrawn is more than 1,000 bytes, has control characters or \
            more than one line, or, for a withdrawal, says nothing.
            """,
        remedy: "Say it in one short line; customers read it.",
        exitStatus: .usage)

    package static let publishMalformed = FailureCode(
        "registry.publish-malformed",
        title: "Not a document that npm publishes with",
        meaning: """
            What came to publish, deprecate or withdraw is not the JSON that npm sends for it, or its \
            attachment is not one tarball in base64.
            """,
        remedy:
            "Publish with npm itself, without --provenance, or with `tollgate plugins publish`.",
        exitStatus: .usage)

    package static let publishMismatch = FailureCode(
        "registry.publish-mismatch",
        title: "The tarball is not the one that was announced",
        meaning: """
            The document names another plugin, version, length, integrity or file name than the \
            tarball has that came with it.
            """,
        remedy: "Pack and publish again; nothing was published.",
        exitStatus: .verification)

    package static let publishForbidden = FailureCode(
        "registry.publish-forbidden",
        title: "These credentials may not change this plugin",
        meaning: """
            Publishing, deprecating, withdrawing and tagging take a publish token that names the \
            plugin, and one that does not only read.
            """,
        remedy: "Use a token made by `tollgate tokens create --publish NAME`.",
        exitStatus: .usage)

    package static let tarballTooLarge = FailureCode(
        "registry.tarball-too-large",
        title: "The tarball is too large",
        meaning: "The tarball has more bytes than this gateway takes in.",
        remedy: "Pack less, or raise maximum-tarball in tollgate.yaml.",
        exitStatus: .usage)

    package static let revisionConflict = FailureCode(
        "registry.revision-conflict",
        title: "Somebody else changed the plugin meanwhile",
        meaning: "The change was made for an older revision of the plugin than the present one.",
        remedy: "Run the same command again: it looks first and changes then.",
        exitStatus: .usage)

    package static let tooManyTokens = FailureCode(
        "registry.too-many-tokens",
        title: "Too many tokens",
        meaning: "A license, or a publish token, has as many tokens made with it as can be.",
        remedy: "Revoke some of them: `npm token list`, `npm token revoke`.",
        exitStatus: .usage)

    static let registryCodes: [FailureCode] = [
        tooManyTokens,
        publishMalformed, publishMismatch, publishForbidden, tarballTooLarge, revisionConflict,
        registryTagInvalid, registryMessageInvalid,
        registryNameInvalid, registryVersionInvalid, registryRangeInvalid,
        registryManifestInvalid, registryIntegrityInvalid, registrySignatureInvalid,
        registryKeyInvalid, registryReleaseInvalid, registryVendorProfileInvalid,
        registryVersionForbidden, registryNotFound, registryVersionExists,
    ]
}
