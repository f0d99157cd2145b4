extension FailureCode {
    package static let bundleFormat = FailureCode(
        "bundle.format",
        title: "Not a bundle",
        meaning: """
            The file does not begin as a bundle does, or what is in it is not what its index lists: it \
            is another file, or it was changed.
            """,
        remedy: "Name a .tgbundle file that `pkg export-all` or `tollgate bundle create` made.",
        exitStatus: .verification)

    package static let bundleTruncated = FailureCode(
        "bundle.truncated",
        title: "The bundle is cut off",
        meaning: "The file ends before the bundle does: it was not copied whole.",
        remedy: "Copy it again, and compare its size or checksum with the original's.",
        exitStatus: .verification)

    package static let bundleChanged = FailureCode(
        "bundle.changed",
        title: "A file in the bundle was changed",
        meaning: """
            A file in the bundle does not have the SHA-512 that the bundle's index lists: the medium \
            failed, or somebody changed it.
            """,
        remedy: "Nothing of that file was used. Copy the bundle again from its original.",
        exitStatus: .verification)

    package static let bundleSignature = FailureCode(
        "bundle.signature",
        title: "The bundle's index is not signed by the vendor",
        meaning: """
            None of the vendor's bundle keys made a valid signature on the index: it was changed, or \
            the bundle is another vendor's, or its key was replaced.
            """,
        remedy: "Nothing was installed. Make the bundle anew, or ask your vendor for one.",
        exitStatus: .verification)

    package static let bundleExpired = FailureCode(
        "bundle.expired",
        title: "The bundle is too old",
        meaning: """
            A bundle holds for a time that was chosen when it was made, 90 days unless somebody chose \
            otherwise, so that nobody can keep a machine at an old state by handing out old bundles.
            """,
        remedy: "Make a new bundle; when this one is new, check this machine's clock.",
        exitStatus: .verification)

    package static let bundleNotYetValid = FailureCode(
        "bundle.not-yet-valid",
        title: "The bundle was made in the future",
        meaning: "By this machine's clock the bundle was not made yet.",
        remedy: "Set this machine's clock.",
        exitStatus: .verification)

    package static let bundleLacksFile = FailureCode(
        "bundle.lacks-file",
        title: "The bundle does not have the release",
        meaning: """
            A release that is wanted is not in the bundle: it was made for another version of the \
            application or for another license, or it is a difference and the release is in the \
            bundle before it.
            """,
        remedy: """
            Make a bundle for this version of the application (`pkg export-all --app-version V`), or \
            install the bundle before this one first.
            """,
        exitStatus: .network)

    static let bundleCodes: [FailureCode] = [
        bundleFormat, bundleTruncated, bundleChanged, bundleSignature, bundleExpired,
        bundleNotYetValid, bundleLacksFile,
    ]
}
