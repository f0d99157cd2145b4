extension FailureCode {
    package static let trustRollback = FailureCode(
        "trust.rollback",
        title: "Older signed metadata than was seen before",
        meaning: """
            A metadata file has a lower version than one that this machine has verified already, or no \
            longer lists a file that it listed. Somebody replays an old state, or the gateway was \
            restored from an old backup.
            """,
        remedy: """
            Nothing was installed. Ask your vendor whether the gateway was restored; they recover by \
            rotating the timestamp and snapshot keys.
            """,
        exitStatus: .verification)

    package static let trustExpired = FailureCode(
        "trust.expired",
        title: "Signed metadata has expired",
        meaning: """
            A metadata file is past its expiry. The gateway stopped signing, a mirror or cache serves \
            an old copy, or the clock of this machine is wrong.
            """,
        remedy: "Check this machine's clock; then ask your vendor whether the gateway runs.",
        exitStatus: .verification)

    package static let trustThreshold = FailureCode(
        "trust.threshold",
        title: "Too few valid signatures on metadata",
        meaning: """
            Some of the keys that are trusted for a role signed a metadata file, but fewer than the \
            role's threshold asks for. The same key under two names counts once.
            """,
        remedy: "Nothing was installed. Send the message to your vendor.",
        exitStatus: .verification)

    package static let trustUnsigned = FailureCode(
        "trust.unsigned",
        title: "Metadata without a valid signature",
        meaning: """
            None of the keys that are trusted for a role made a valid signature on a metadata file: \
            the file was changed, cut, or comes from somebody else.
            """,
        remedy: """
            Nothing was installed. Check that TOLLGATE_URL names your vendor's gateway and that no \
            proxy rewrites its answers; then send the message to your vendor.
            """,
        exitStatus: .verification)

    package static let trustMixAndMatch = FailureCode(
        "trust.mix-and-match",
        title: "Metadata files that do not belong together",
        meaning: """
            A metadata file is not the version, or not the role, that the signed file above it names. \
            Somebody combines files of different days, or a cache serves some of them stale.
            """,
        remedy: "Run again; if it stays, clear the cache between this machine and the gateway.",
        exitStatus: .verification)

    package static let trustLength = FailureCode(
        "trust.length",
        title: "A file is not as long as was signed",
        meaning: """
            A metadata file or tarball is shorter or longer than the signed metadata says, or longer \
            than any such file may be.
            """,
        remedy: "Run again; if it stays, look for a proxy or mirror that changes what it serves.",
        exitStatus: .verification)

    package static let trustHash = FailureCode(
        "trust.hash",
        title: "A file does not have the hash that was signed",
        meaning: """
            The bytes of a metadata file or tarball are not those that the vendor signed, or the \
            metadata lists no hash that this program can compute.
            """,
        remedy: "Run again; if it stays, look for a proxy or mirror that changes what it serves.",
        exitStatus: .verification)

    package static let trustMalformed = FailureCode(
        "trust.malformed",
        title: "Metadata that cannot be read",
        meaning: """
            A metadata file is not valid JSON, lacks a member, or breaks a rule of The Update \
            Framework's format.
            """,
        remedy: """
            Check that TOLLGATE_URL names your vendor's gateway and that no login page answers in its \
            place; then send the message to your vendor.
            """,
        exitStatus: .verification)

    package static let trustMissing = FailureCode(
        "trust.missing",
        title: "A metadata file is not there",
        meaning: "The gateway or bundle lacks a metadata file that must exist.",
        remedy:
            "Run again; if it stays, ask your vendor whether the gateway's storage is complete.",
        exitStatus: .verification)

    package static let trustTooManyRoles = FailureCode(
        "trust.too-many-roles",
        title: "Too many delegated roles",
        meaning: """
            Finding the releases of one plugin would take more delegated roles than are read for one \
            search (32). Only metadata made to waste time looks like this.
            """,
        remedy: "Send the message to your vendor.",
        exitStatus: .verification)

    package static let trustNoRoot = FailureCode(
        "trust.no-root",
        title: "No trust root",
        meaning: """
            Nothing on this machine says which keys are the vendor's: no root file, no license key \
            with a fingerprint, no verified root of an earlier run.
            """,
        remedy: """
            Set TOLLGATE_TRUST_ROOT to the root.json that your vendor gave you, or activate a license \
            key: it carries the root's fingerprint. Give the text of an offline license to \
            `pkg license add`: it has the root itself.
            """,
        exitStatus: .verification)

    package static let trustSigningKey = FailureCode(
        "trust.signing-key",
        title: "A signing key is missing",
        meaning: """
            The gateway has fewer private keys for a role than its threshold, so that it cannot sign \
            that role's metadata.
            """,
        remedy: "Put the key files into the keys folder, or sign on the machine that has them.",
        exitStatus: .verification)

    package static let trustRequestOutdated = FailureCode(
        "trust.request-outdated",
        title: "What was signed is not what stands there now",
        meaning: """
            Since signatures were asked for, other metadata was signed, or a release that was to be \
            signed was withdrawn or changed.
            """,
        remedy: """
            Run `tollgate keys export-unsigned` again and have that signed; what was signed before \
            has no effect.
            """,
        exitStatus: .verification)

    package static let trustSignatureDue = FailureCode(
        "trust.signature-due",
        title: "A signature that the gateway cannot make ends soon",
        meaning: """
            Metadata whose key is not on the gateway expires within 30 days. From then on \
            installations take nothing new from it.
            """,
        remedy: """
            Run `tollgate keys export-unsigned`, sign it where the key is, and bring it back with \
            `tollgate keys import`.
            """,
        exitStatus: .verification)

    static let trustCodes: [FailureCode] = [
        trustRollback, trustExpired, trustThreshold, trustUnsigned, trustMixAndMatch, trustLength,
        trustHash, trustMalformed, trustMissing, trustTooManyRoles, trustNoRoot, trustSigningKey,
        trustRequestOutdated, trustSignatureDue,
    ]
}
