extension FailureCode {
    package static let licenseKeyMismatch = FailureCode(
        "license.key-mismatch",
        title: "License key mismatch",
        meaning: """
            The license is bound to another instance. An instance is known by its database server and \
            database, or by the random number in its storage folder, or by the pinned Instance ID.
            """,
        remedy: "Send the Instance ID shown to your vendor, then activate the new key.",
        exitStatus: .license)

    static let licenseCodes: [FailureCode] =
        [licenseKeyMismatch] + cryptographyCodes
}
