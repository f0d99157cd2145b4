/// What is pasted as a license, and what proves it.
extension FailureCode {
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

    static let licenseTokenCodes: [FailureCode] = [
        licenseKeyFormat, licenseKeyInvalid, licenseForeignVendor, licenseTokenFormat,
        licenseSignature, licenseSignerUnknown, licenseClaims, licenseKeySet, licenseReplayed,
    ]
}
