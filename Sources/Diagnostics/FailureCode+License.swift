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
            the storage folder (TOLLGATE_STORAGE) is a volume that outlives the container.
            """,
        exitStatus: .license)

    package static let licenseKeyFormat = FailureCode(
        "license.key-format",
        title: "Invalid license key format",
        meaning: """
            What was pasted is not a whole license key. A key is `tg_` or `tg_ag_` and 26 letters \
            and digits, the last three of which are a checksum of all others: one is missing, \
            added, exchanged or mistyped. Nothing was sent to the vendor.
            """,
        remedy: "Copy the whole key from the vendor's message again and paste it in one piece.",
        exitStatus: .license)

    package static let licenseKeyInvalid = FailureCode(
        "license.key-invalid",
        title: "Invalid license key",
        meaning: """
            The key is complete and well formed, but the vendor's gateway knows no license with it. \
            It was replaced by another key, deleted, or issued by another gateway of the vendor.
            """,
        remedy: """
            Check that TOLLGATE_URL is the gateway that the vendor named, then ask the vendor which \
            key is in force.
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

    package static let licenseForeignVendor = FailureCode(
        "license.foreign-vendor",
        title: "The license key belongs to another vendor",
        meaning: """
            A license key carries the fingerprint of its vendor's trust root. The root that this \
            gateway (or TOLLGATE_TRUST_ROOT) offers has another fingerprint: the key is for another \
            vendor or another gateway of the same vendor, or somebody answers in the gateway's place.
            """,
        remedy: """
            Check that TOLLGATE_URL and the key come from the same message of your vendor. If they \
            do, something between here and the gateway changes what it says: tell the vendor.
            """,
        exitStatus: .verification)

    package static let licenseTokenFormat = FailureCode(
        "license.token-format",
        title: "Invalid license token format",
        meaning: """
            A license token is three pieces of text with dots between them, `eyJ….….…`. This one is \
            cut off or changed, or it is a token of another kind: not signed with EdDSA, not of the \
            type license+jwt, or longer than 64 KiB.
            """,
        remedy: """
            Take the whole file or text again from where it came. A saved token is fetched anew by \
            `pkg license refresh`.
            """,
        exitStatus: .license)

    package static let licenseSignature = FailureCode(
        "license.signature",
        title: "The license token's signature is not valid",
        meaning: """
            The token was changed after the vendor signed it, or somebody signed it who is not the \
            vendor. Nothing that it says is believed.
            """,
        remedy: """
            Get the token again: `pkg license refresh`, or the file from your vendor. If it stays, \
            show the request ID or the file to the vendor.
            """,
        exitStatus: .license)

    package static let licenseSignerUnknown = FailureCode(
        "license.signer-unknown",
        title: "The license token is signed with an unknown key",
        meaning: """
            The token names a key that is not in the vendor's signed list of license keys. The list \
            that is saved here is older than the key, or the token is of another vendor.
            """,
        remedy: """
            Run `pkg download-pro` with the gateway reachable, which brings the list up to date; where \
            the license is offline, add its token again with `pkg license add`. Check that the token \
            is of this vendor.
            """,
        exitStatus: .license)

    package static let licenseClaims = FailureCode(
        "license.claims",
        title: "The license token says something that makes no sense",
        meaning: """
            The signature is the vendor's, but a claim that must be there is missing or has a value \
            that is not allowed.
            """,
        remedy:
            "Update `pkg`; if it stays, show the message to your vendor, who has to issue anew.",
        exitStatus: .license)

    package static let licenseKeySet = FailureCode(
        "license.key-set",
        title: "The list of license keys cannot be read",
        meaning: """
            The signed target keys/license.json is not a JSON Web Key Set of Ed25519 keys with a \
            different ID each.
            """,
        remedy: "Tell your vendor; until it is put right the saved plugins stay as they are.",
        exitStatus: .verification)

    package static let licenseReplayed = FailureCode(
        "license.replayed",
        title: "The license token is older than one that was seen before",
        meaning: """
            Each change of a license raises its sequence number, and each answer repeats the random \
            number of its question. This token has a lower sequence number than an earlier one, or \
            it answers another question: a backup was restored, or an old answer was played again.
            """,
        remedy: "Get the present token with `pkg license refresh` or from your vendor.",
        exitStatus: .license)

    package static let licenseExpired = FailureCode(
        "license.expired",
        title: "The license's term is over",
        meaning: """
            The day until which the license was issued is over. During the grace that follows \
            everything works as before. After it either the releases that were covered stay usable \
            and newer ones are not offered, or paid features pause, as the license says.
            """,
        remedy: "Renew the license with your vendor; a key that was pasted renews itself then.",
        exitStatus: .license)

    package static let licensePaused = FailureCode(
        "license.paused",
        title: "Paid features are paused",
        meaning: """
            The license's term and its grace are over, and the license says that paid features \
            pause then. Installed plugins stay where they are, nothing is deleted, and no new \
            release is downloaded.
            """,
        remedy: "Renew the license with your vendor, then run `pkg license refresh`.",
        exitStatus: .license)

    package static let licenseSuspended = FailureCode(
        "license.suspended",
        title: "The license is suspended",
        meaning: """
            The vendor has suspended the license, mostly for an unpaid invoice. Installed plugins \
            stay where they are; no new release is downloaded.
            """,
        remedy: "Ask the vendor's sales or support; afterwards run `pkg license refresh`.",
        exitStatus: .license)

    package static let licenseRevoked = FailureCode(
        "license.revoked",
        title: "The license is revoked",
        meaning: """
            The vendor has ended the license for good, for example because it was replaced or the \
            contract was cancelled. Installed plugins are not deleted.
            """,
        remedy: "Activate the key that replaces it, or ask the vendor why it was revoked.",
        exitStatus: .license)

    package static let licenseLeaseOver = FailureCode(
        "license.lease-over",
        title: "The gateway was not reached for too long",
        meaning: """
            A standard license holds for a lease, mostly 48 hours, which every check-in with the \
            gateway renews. The last lease is over, so paid features pause. They come back by \
            themselves with the next check-in; nothing is deleted.
            """,
        remedy: """
            Make the gateway reachable (`curl $TOLLGATE_URL/readyz` tells whether it is), then run \
            `pkg license refresh`. Where no network is allowed ask for an airgapped license.
            """,
        exitStatus: .license)

    package static let licenseLeaseEnding = FailureCode(
        "license.lease-ending",
        title: "The last check-ins failed",
        meaning: """
            The gateway did not answer the last check-ins. The saved token still holds, until the \
            time shown; then paid features pause.
            """,
        remedy: """
            Make the gateway reachable before then; `pkg license refresh` tells whether it is.
            """,
        exitStatus: .license)

    package static let licenseEndingSoon = FailureCode(
        "license.ending-soon",
        title: "The license ends soon",
        meaning: "The license's term is over on the day shown, and no other license follows it.",
        remedy: "Renew the license with your vendor before then.",
        exitStatus: .license)

    package static let licenseNotYetValid = FailureCode(
        "license.not-yet-valid",
        title: "The license is not valid yet",
        meaning: "All licenses that are saved here begin on a later day.",
        remedy: "Wait until the day shown, or ask the vendor for a license that begins today.",
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

    package static let licenseInstanceMoving = FailureCode(
        "license.instance-moving",
        title: "The license moves to another instance",
        meaning: """
            The license was bound to another instance; it holds here only until the time shown.
            """,
        remedy:
            "Finish the migration, or ask the vendor to bind the license to this instance again.",
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

    package static let licenseSeatsExceeded = FailureCode(
        "license.seats-exceeded",
        title: "More users than seats",
        meaning: """
            More users were active in the last 90 days than the license has seats. Nothing is \
            switched off for it.
            """,
        remedy: "Suspend users who are no longer needed, or ask the vendor for more seats.",
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

    package static let licenseDomainMismatch = FailureCode(
        "license.domain-mismatch",
        title: "The application is served at another domain",
        meaning: """
            TOLLGATE_DOMAINS names a domain that no license in force is for. Nothing is switched off \
            for it.
            """,
        remedy: "Ask the vendor to add the domain to the license, or correct TOLLGATE_DOMAINS.",
        exitStatus: .license)

    package static let clockBehind = FailureCode(
        "clock.behind",
        title: "This machine's clock is behind",
        meaning: """
            The clock shows an earlier time than one that the vendor's signature has already proven \
            to be past. Terms and leases cannot be judged by such a clock.
            """,
        remedy: "Set the clock (NTP), then run again. Nothing else has to be done.",
        exitStatus: .license)

    package static let clockSkewed = FailureCode(
        "clock.skewed",
        title: "This machine's clock differs from the gateway's",
        meaning: """
            At the last check-in the clock was more than five minutes ahead of the gateway's or \
            behind it. Up to a day terms and leases are judged by the gateway's time; a clock that \
            is further off is taken as it is, so they end too early.
            """,
        remedy: "Set the clock (NTP); the next check-in measures it again.",
        exitStatus: .license)

    static let licenseCodes: [FailureCode] = [
        licenseKeyNotFound, licenseKeyFormat, licenseKeyInvalid, licenseKeyMismatch,
        licenseForeignVendor, licenseTokenFormat, licenseSignature, licenseSignerUnknown,
        licenseClaims, licenseKeySet, licenseReplayed, licenseExpired, licensePaused,
        licenseSuspended, licenseRevoked, licenseLeaseOver, licenseLeaseEnding,
        licenseEndingSoon, licenseNotYetValid, licenseInstanceID, licenseInstanceMoving,
        licenseRebindLimit, licenseCheckIn, licenseState, licenseReadOnly, licenseNotSaved,
        licenseSeatsExceeded, licenseSeatsFormat, licenseDomainFormat, licenseDomainMismatch,
        clockBehind, clockSkewed,
    ]
}
