/// What `pkg doctor` notices before it becomes a failure, and how a support bundle fails.
extension FailureCode {
    package static let diskNearlyFull = FailureCode(
        "disk.nearly-full",
        title: "The disk is nearly full",
        meaning: """
            The file system of the storage folder has less than 200 MiB or fewer than 10,000 inodes \
            left. An update needs room for the tarball, the new files and the old ones at once.
            """,
        remedy: """
            Free space on the file system of the path named (`df -h`, `df -i`). In the storage \
            folder `plugins/.pkg/previous`, `removed` and `replaced` may be deleted.
            """,
        exitStatus: .local)

    package static let diskForeignOwner = FailureCode(
        "disk.foreign-owner",
        title: "The storage folder belongs to another user",
        meaning: """
            `pkg` runs as another user than the one who owns the storage folder. Where it may write \
            all the same, its files belong to its user, and the application may not be able to read \
            or change them. Root does not work at all in a `.pkg` or `.license` of another user: that \
            user would decide what root moves and deletes.
            """,
        remedy:
            "Run `pkg` as the user that owns the folder, or give that user the folder (`chown -R`).",
        exitStatus: .local)

    package static let diskSecretsReadable = FailureCode(
        "disk.secrets-readable",
        title: "Others can read the license",
        meaning: """
            The folder `.license` has the license key, the tokens and the secret that signs \
            check-ins. Users other than its owner may read it.
            """,
        remedy: "Take the rights away: `chmod -R go= storage/.license`.",
        exitStatus: .local)

    package static let diskNoExchange = FailureCode(
        "disk.no-exchange",
        title: "The file system cannot exchange two folders",
        meaning: """
            A plugin is put in place by one exchange of two folders that nobody sees half done \
            (renameat2 with RENAME_EXCHANGE). This file system has none, so two renames with a \
            journal are used: for a moment between them a reader may find no plugin.
            """,
        remedy: """
            Nothing has to be done. To be rid of it, keep the storage folder on ext4, XFS, Btrfs or \
            another file system that can.
            """,
        exitStatus: .local)

    package static let diskCaseInsensitive = FailureCode(
        "disk.case-insensitive",
        title: "The file system takes upper and lower case for the same",
        meaning: """
            Releases whose files differ only in case are refused when they are published, so this \
            does no harm by itself; an application that was tested on Linux may still stumble.
            """,
        remedy: "Keep the storage folder on a file system that tells upper and lower case apart.",
        exitStatus: .local)

    package static let networkPlainHTTP = FailureCode(
        "network.plain-http",
        title: "The gateway is asked without encryption",
        meaning: """
            The gateway's address begins with http://. What is installed is proven by signatures all \
            the same, but whoever sits in between can read the license key when it is activated.
            """,
        remedy: "Use the https address that your vendor gave you.",
        exitStatus: .network)

    package static let licenseNotActivated = FailureCode(
        "license.not-activated",
        title: "The license key is not activated here yet",
        meaning: "A license key is set or saved that this instance was never activated with.",
        remedy: "Run `pkg download-pro` or `pkg license refresh`: both activate it.",
        exitStatus: .license)

    package static let licenseNoPlugins = FailureCode(
        "license.no-plugins",
        title: "The license covers no plugin",
        meaning:
            "The license is in force and lists no plugin at all, so there is nothing to install.",
        remedy: "Ask the vendor which plugins the license should have; then `pkg license refresh`.",
        exitStatus: .license)

    package static let supportFileExists = FailureCode(
        "support.file-exists",
        title: "The support bundle's file is there already",
        meaning: "`pkg support-bundle` replaces no file.",
        remedy: "Give another name with -o, or move the file away.",
        exitStatus: .usage)

    static let diagnosisCodes: [FailureCode] = [
        diskNearlyFull, diskForeignOwner, diskSecretsReadable, diskNoExchange, diskCaseInsensitive,
        networkPlainHTTP, licenseNotActivated, licenseNoPlugins, supportFileExists,
    ]
}
