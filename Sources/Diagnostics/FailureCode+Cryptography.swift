extension FailureCode {
    package static let keyMalformed = FailureCode(
        "key.malformed",
        title: "A cryptographic key cannot be read",
        meaning: """
            A public or private key is not the PEM or DER text that it should be: it was cut off, \
            edited, is protected by a password, or is another kind of file.
            """,
        remedy: """
            Put back the file as it was made. A private key has to be PKCS#8 without a password \
            (`openssl pkcs8 -topk8 -nocrypt`), a public key SubjectPublicKeyInfo \
            (`openssl pkey -pubout`).
            """,
        exitStatus: .verification)

    package static let keyUnsupported = FailureCode(
        "key.unsupported",
        title: "A cryptographic key is of a kind that Tollgate does not use",
        meaning: """
            Tollgate uses Ed25519, ECDSA on the curve P-256, and RSA of 2048 to 16384 bits; each key \
            makes only the signatures of its own kind.
            """,
        remedy: "Make a key of one of these kinds and use that one.",
        exitStatus: .verification)

    package static let cryptographyFailed = FailureCode(
        "cryptography.failed",
        title: "The cryptography library failed",
        meaning: """
            OpenSSL could not do what it always can, mostly because memory ran out or because the \
            system's configuration of OpenSSL switches an algorithm off.
            """,
        remedy: """
            Look at the reason shown; check the memory limit of the container and the file that \
            OPENSSL_CONF names.
            """,
        exitStatus: .unexpected)

    static let cryptographyCodes: [FailureCode] = [
        keyMalformed, keyUnsupported, cryptographyFailed,
    ]
}
