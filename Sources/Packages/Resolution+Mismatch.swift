import CanonicalJSON

extension ReleaseSearch {
    /// Why nothing was found: the one obstacle without which there would be a fit, if one is enough;
    /// else the first that stands before the release that would be best of all.
    var mismatch: Mismatch {
        guard !releases.isEmpty else {
            return Mismatch(
                reason: .notInRegistry,
                explanation: "The license has \(name), but the registry has no release of it.")
        }
        for refusal in [Coverage.Refusal.updatePeriodEnded, .channelNotAllowed, .yanked] {
            if let release = best(releases(ignoring: [refusal])) {
                return mismatch(refusal, of: release)
            }
        }
        guard let release = best(releases) else { return noRelease }
        let refusals = coverage.refusals(of: release, installed: installed)
        for refusal in [Coverage.Refusal.yanked, .channelNotAllowed]
        where refusals.contains(refusal) {
            return mismatch(refusal, of: release)
        }
        return mismatch(.updatePeriodEnded, of: release)
    }

    private func mismatch(_ refusal: Coverage.Refusal, of release: Release) -> Mismatch {
        switch refusal {
        case .updatePeriodEnded:
            Mismatch(reason: .updatePeriodEnded, explanation: updatePeriodEnded(release))
        case .channelNotAllowed:
            Mismatch(reason: .channelNotAllowed, explanation: channelNotAllowed(release))
        case .yanked:
            Mismatch(
                reason: .yanked,
                explanation: "\(name) \(release.version)\(fits), but the vendor withdrew it: "
                    + sentence(release.yanked ?? ""))
        }
    }

    private func updatePeriodEnded(_ release: Release) -> String {
        let end = coverage.updatesUntil.map { " on \($0.wireDay)" } ?? ""
        let newest =
            highest(covered).map {
                "The newest release that the license covers is \($0.version), published on "
                    + "\($0.published.wireDay)."
            } ?? "The license covers no release of it."
        return "\(name) \(release.version)\(fits), but it was published on "
            + "\(release.published.wireDay), after the update period ended\(end). \(newest)"
    }

    private func channelNotAllowed(_ release: Release) -> String {
        let allowed = coverage.channels.sorted().joined(separator: ", ")
        return
            "\(name) \(release.version)\(fits), but it is in the channel \(release.channel), and "
            + "the license allows \(allowed.isEmpty ? "no channel" : "only: \(allowed)")."
    }

    private var noRelease: Mismatch {
        var explanation =
            switch rule {
            case .range, .lockstep: "No release of \(name) fits application \(application)."
            case .newest(let channel): "\(name) has no release in the channel \(channel)."
            }
        let nearest = nearest(covered) ?? nearest(releases)
        if let nearest {
            explanation += " The nearest is \(nearest.version)"
            switch rule {
            case .range, .lockstep:
                explanation += nearest.applicationRange.map { ", made for \($0)." } ?? "."
            case .newest:
                explanation += " in the channel \(nearest.channel)."
            }
        }
        return Mismatch(
            reason: .noReleaseForApplication, explanation: explanation, nearest: nearest?.version)
    }

    /// The release whose range, or for lack of one whose version, is least far from the
    /// application's version; of equals the highest.
    private func nearest(_ candidates: [Release]) -> Release? {
        if case .newest = rule { return highest(candidates) }
        return candidates.min { left, right in
            let (first, second) = (distance(left), distance(right))
            return first == second ? left.version > right.version : first < second
        }
    }

    private func distance(_ release: Release) -> (Int, Int, Int) {
        let boundaries = release.applicationRange?.boundaries ?? [release.version]
        return boundaries.map(distance).min(by: <) ?? (Int.max, Int.max, Int.max)
    }

    /// The first part that differs counts; behind it, what lies towards the application's version.
    private func distance(_ boundary: SemanticVersion) -> (Int, Int, Int) {
        let target = application.version
        let towards = boundary < target ? -1 : 1
        if boundary.major != target.major {
            return (
                abs(boundary.major - target.major), towards * boundary.minor,
                towards * boundary.patch
            )
        }
        guard boundary.minor == target.minor else {
            return (0, abs(boundary.minor - target.minor), towards * boundary.patch)
        }
        return (0, 0, abs(boundary.patch - target.patch))
    }

    private var fits: String {
        switch rule {
        case .range, .lockstep: " fits application \(application)"
        case .newest(let channel): " is the newest in the channel \(channel)"
        }
    }

    private func sentence(_ text: String) -> String {
        guard let last = text.last else { return "it gave no reason." }
        return ".!?".contains(last) ? text : "\(text)."
    }
}
