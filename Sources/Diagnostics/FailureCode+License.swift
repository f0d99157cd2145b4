/// The license on this instance: what is saved, what binds it, what tells the vendor of it.
extension FailureCode {
    package static let licenseKeyNotFound = FailureCode(
        "license.key-not-found",
        title: "License key not found",
        meaning: """
            No license key and no license token is saved in this installation's storage folder, and \
            none was given by the environment.
            """,
        remedy: """
            Paste the key from your vendor: `pkg license activate`. If you did before, check that \
            the storage folder (TOLLGATE_STORAGE) is a volume that outlives the container. \
            NocoBase's user name and password for downloads are no license key.
            """,
        exitStatus: .license)

    package static let licenseKeyMismatch = FailureCode(
        "license.key-mismatch",
        title: "License key mismatch",
        meaning: """
            The license is bound to another instance. An instance is known by its database server \
            and the database's name; without a database server by the random number in its storage \
            folder (`.license/instance.json`); or by TOLLGATE_INSTANCE_ID alone when it is set. \
            Mostly the database was moved or restored elsewhere, another container uses the same \
            key, or the storage folder is a new volume.
            """,
        remedy: """
            Check that DATABASE_URL is the database and TOLLGATE_STORAGE the volume that the license \
            was activated with. If the instance is a new one on purpose, move the license here with \
            `pkg license rebind --key KEY`, or send the Instance ID shown to your vendor.
            """,
        exitStatus: .license)

    package static let licenseInstanceID = FailureCode(
        "license.instance-id-format",
        title: "Invalid Instance ID",
        meaning: """
            An Instance ID is `ti_` and 33 letters and digits, the last of which checks the others. \
            This one is cut off or mistyped.
            """,
        remedy: "Copy the whole ID from the line that `pkg instance-id` prints.",
        exitStatus: .license)

    package static let licenseRebindLimit = FailureCode(
        "license.rebind-limit",
        title: "The license was moved too often",
        meaning: """
            A license may be moved to another instance as often within 365 days as its vendor set. \
            The message says how often that is, and when it can be moved again.
            """,
        remedy: """
            Wait until the time shown, or send your vendor the Instance ID that `pkg instance-id` \
            prints: the vendor can move the license at any time.
            """,
        exitStatus: .license)

    package static let licenseCheckIn = FailureCode(
        "license.check-in-malformed",
        title: "A check-in cannot be understood",
        meaning: """
            The question or the answer of a check-in is not the JSON that its version of the check-in \
            has: another version, another program, or a proxy's page in its place.
            """,
        remedy: """
            Check that TOLLGATE_URL is the gateway's address, and update `pkg` or the gateway, \
            whichever is older.
            """,
        exitStatus: .license)

    package static let licenseState = FailureCode(
        "license.state",
        title: "The saved license state cannot be read",
        meaning: """
            The file .license/state.json, or a file beside it, was cut off or changed. It keeps what \
            was seen of the license before; it is written anew at the next check-in. Until then no \
            plugin is removed, since the part that is lost may be the license that has it.
            """,
        remedy: """
            Run `pkg license refresh`. For license-key, and where the license is offline, add the key \
            or token again with `pkg license add`; a damaged file in .license/tokens of a license that \
            is no longer here can be deleted.
            """,
        exitStatus: .license)

    package static let licenseReadOnly = FailureCode(
        "license.read-only",
        title: "The license cannot be changed here",
        meaning: """
            A license key is set in the environment or in pkg.yaml. It wins over what is saved, so \
            that whoever runs the container decides; nothing saved can be changed meanwhile.
            """,
        remedy: """
            Change TOLLGATE_LICENSE_KEY where the container is configured, or remove it there to \
            manage licenses with `pkg license`.
            """,
        exitStatus: .license)

    package static let licenseNotSaved = FailureCode(
        "license.not-saved",
        title: "No such license is saved here",
        meaning: "The license that was named is not one of those saved in this installation.",
        remedy: "Run `pkg license list` and use an ID that it shows.",
        exitStatus: .license)

    package static let licenseSeatsFormat = FailureCode(
        "license.seats-format",
        title: "The list of users cannot be read",
        meaning: """
            A list of users is JSON, [{"id", "status", "last_seen_at"}], or CSV with these names in \
            its first line. Only the number of active ones is kept and told.
            """,
        remedy: "Correct the row that is named; the list was not counted.",
        exitStatus: .license)

    package static let licenseDomainFormat = FailureCode(
        "license.domain-format",
        title: "This is no domain",
        meaning: """
            A domain is host, *.host, an IPv4 address or an IPv6 address in brackets, with :port \
            behind it if only that port is meant.
            """,
        remedy: "Write it like app.example, *.app.example:8443 or [2001:db8::1].",
        exitStatus: .license)

    static let licenseCodes: [FailureCode] = [
        licenseKeyNotFound, licenseKeyMismatch, licenseInstanceID, licenseRebindLimit,
        licenseCheckIn, licenseState, licenseReadOnly, licenseNotSaved, licenseSeatsFormat,
        licenseDomainFormat,
    ]
}
