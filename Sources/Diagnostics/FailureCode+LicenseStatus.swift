/// How a license that is proven stands.
extension FailureCode {
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
        meaning: "The license, or each that is saved here, begins on a later day.",
        remedy: "Wait until the day shown, or ask the vendor for a license that begins today.",
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

    package static let licenseSeatsExceeded = FailureCode(
        "license.seats-exceeded",
        title: "More users than seats",
        meaning: """
            More users were active in the last 90 days than the license has seats. Nothing is \
            switched off for it.
            """,
        remedy: "Suspend users who are no longer needed, or ask the vendor for more seats.",
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
            behind it. Up to a day standard licenses are judged by the gateway's time; airgapped and \
            offline ones go by this clock. A clock that is further off is taken as it is: one that \
            is more than a day ahead ends leases early, at worst at once.
            """,
        remedy: "Set the clock (NTP); the next check-in measures it again.",
        exitStatus: .license)

    static let licenseStatusCodes: [FailureCode] = [
        licenseExpired, licensePaused, licenseSuspended, licenseRevoked, licenseLeaseOver,
        licenseLeaseEnding, licenseEndingSoon, licenseNotYetValid, licenseInstanceMoving,
        licenseSeatsExceeded, licenseDomainMismatch, clockBehind, clockSkewed,
    ]
}
