/// Why a plugin that the license has is not installed in the release that is wanted.
extension FailureCode {
    package static let mismatchNoReleaseForApplication = FailureCode(
        "mismatch.no-release-for-application",
        title: "No release of the plugin fits the application",
        meaning: "The vendor has published no release of the plugin for this application version.",
        remedy: "Wait for the vendor's release, or stay on the application version named.",
        exitStatus: .mismatches)

    package static let mismatchUpdatePeriodEnded = FailureCode(
        "mismatch.update-period-ended",
        title: "The update period of the plugin has ended",
        meaning: """
            The release that fits the application was published after the license's update period \
            for this plugin. Releases that were published before stay covered for ever.
            """,
        remedy: "Renew the update period, or use an application version that a covered one fits.",
        exitStatus: .mismatches)

    package static let mismatchNotInRegistry = FailureCode(
        "mismatch.not-in-registry",
        title: "The plugin is not in the registry",
        meaning: "The license names a plugin of which the registry has no release at all.",
        remedy: "Ask the vendor's support whether the plugin was renamed or is yet to come.",
        exitStatus: .mismatches)

    package static let mismatchYanked = FailureCode(
        "mismatch.yanked",
        title: "The release was withdrawn",
        meaning: """
            The vendor withdrew the release that fits the application. Where it is installed it \
            stays; it is not installed anew.
            """,
        remedy: "Wait for the vendor's next release.",
        exitStatus: .mismatches)

    package static let mismatchChannelNotAllowed = FailureCode(
        "mismatch.channel-not-allowed",
        title: "The license does not allow the release's channel",
        meaning: """
            The release that fits the application is in a channel, such as next, that the license \
            does not allow.
            """,
        remedy: "Ask the vendor for the channel, or use a released application version.",
        exitStatus: .mismatches)

    package static let mismatchHeldBack = FailureCode(
        "mismatch.held-back",
        title: "The release is held back",
        meaning: """
            The wanted release could not be downloaded or verified, or an operator rolled back from \
            it. What was installed before stays as it is.
            """,
        remedy: """
            See the error reported with it, then run `pkg download-pro` again. After a rollback: \
            `pkg plugins rollback NAME` once more, or `pkg plugins restore NAME` for a plugin that \
            was set aside.
            """,
        exitStatus: .mismatches)

    package static let mismatchModifiedOnDisk = FailureCode(
        "mismatch.modified-on-disk",
        title: "Installed files were changed",
        meaning: "Files of an installed plugin are not those that were installed.",
        remedy: """
            Run `pkg download-pro` to put the release right; find out what changed the files. Where a \
            link, a file, a checkout or another version stands in the plugin's place, no run replaces \
            it: move that aside first.
            """,
        exitStatus: .mismatches)

    package static let mismatchBecameFree = FailureCode(
        "mismatch.became-free",
        title: "The plugin needs no license any more",
        meaning: "The vendor made the plugin free: the application brings it, or npm has it.",
        remedy: "Nothing needs to be done.",
        exitStatus: .mismatches)

    static let mismatchCodes: [FailureCode] = [
        mismatchNoReleaseForApplication, mismatchUpdatePeriodEnded, mismatchNotInRegistry,
        mismatchYanked, mismatchChannelNotAllowed, mismatchHeldBack, mismatchModifiedOnDisk,
        mismatchBecameFree,
    ]
}
