import FoundationEssentials
import Licensing

/// Every text of the license page, in English; a translation is another file like this one.
///
/// What a failure is called and what to do about it comes from the failure codes.
enum PageTexts {
    static let language = "en"
    static let title = "License"
    static let skip = "Skip to the content"

    // MARK: Status

    static let status = "Status"
    static let until = "until"
    static let since = "begins"
    static let lastCheckIn = "Last check-in"
    static let nextCheckIn = "Next check-in"
    static let never = "not yet"
    static let needsNone = "not needed"
    static let refresh = "Refresh"
    static let manage = "Manage license"
    static let support = "Get support"
    static let notices = "Worth knowing"

    static func state(_ state: LicenseState) -> String {
        switch state {
        case .none: "No license yet"
        case .active: "Active"
        case .grace: "In grace"
        case .paused: "Paused"
        case .invalid: "Not valid"
        }
    }

    static func explanation(of state: LicenseState) -> String {
        switch state {
        case .none: "Paste the license key that your vendor gave you."
        case .active: "Everything that your licenses cover is available."
        case .grace: "Everything still works. Something has to be done before this ends."
        case .paused:
            "Paid features are off. What is installed stays; nothing was deleted. "
                + "They come back with the next good check-in or a renewal."
        case .invalid: "Paid features are off. What is installed stays; nothing was deleted."
        }
    }

    /// One license's own state.
    static func standing(_ word: String) -> String {
        switch word {
        case "active": "Active"
        case "grace": "In grace"
        case "paused": "Paused"
        case "invalid": "Not valid"
        case "waiting": "Begins later"
        case "superseded": "Replaced by a newer token"
        case "suspended": "Suspended"
        case "revoked": "Revoked"
        case "expired": "Expired"
        case "refused": "Refused"
        case "not used": "Not used"
        default: "Not activated yet"
        }
    }

    // MARK: The instance

    static let instance = "Instance ID"
    static let instanceHint = "Your vendor binds the license to this ID."
    static let copy = "Copy"
    static let copied = "Copied"
    static let facts = "What it is made of"

    // MARK: Licenses

    static let licenses = "Licenses"
    static let license = "License"
    static let key = "Key"
    static let account = "Licensed to"
    static let plan = "Plan"
    static let mode = "Mode"
    static let term = "Term"
    static let lease = "Holds without check-in"
    static let domains = "Domains"
    static let anyDomain = "any"
    static let perpetual = "no end"
    static let trial = "trial"
    static let remove = "Remove"
    static let change = "Change or add a key"

    static func mode(_ word: String) -> String {
        switch word {
        case "standard": "Standard: checks in by itself"
        case "airgapped": "Airgapped: one activation, then no network"
        case "offline": "Offline: never a network"
        default: word
        }
    }

    static func ends(_ day: String) -> String { "ends after \(day)" }
    static func ended(_ day: String) -> String { "ended after \(day)" }
    static func begins(_ day: String) -> String { "begins on \(day)" }
    static func grace(_ day: String) -> String { "grace to \(day)" }

    // MARK: Seats

    static let seats = "Seats"
    static let seatsUncounted = "The application has not reported its users yet."
    static func seats(_ inUse: Int64, of limit: Int64) -> String { "\(inUse) of \(limit) in use" }
    static func seats(_ inUse: Int64) -> String { "\(inUse) in use, without a limit" }
    static func seatLimit(_ limit: Int64) -> String { "Limit: \(limit)" }
    static func seatsOver(_ inUse: Int64, of limit: Int64) -> String {
        "\(inUse) seats are in use; the license has \(limit). Ask your vendor for more seats, or "
            + "suspend users who no longer need one."
    }

    // MARK: Plugins

    static let plugins = "Plugins"
    static let plugin = "Plugin"
    static let installed = "Installed"
    static let updates = "Updates"
    static let pluginState = "State"
    static let notInstalled = "not installed"
    static let withoutEnd = "without end"
    static let pluginFine = "OK"
    static let awaitsInstallation = "The next run of pkg download-pro installs it."
    static let pluginPaused = "Paused"
    static let noPlugins = "No plugins are licensed."
    static func updatesUntil(_ day: String) -> String { "until \(day)" }
    static func updatesEnded(_ day: String) -> String { "ended after \(day)" }
    static func wanted(_ release: String) -> String { "Wanted: \(release)." }

    // MARK: Adding

    static let addFirst = "Enter your license key"
    static let keyLabel = "License key or offline token"
    static let keyHint = "It begins with tg_ or eyJ. Spaces and line ends around it do no harm."
    static let fileLabel = "Or a file that holds it"
    static let dropHint = "You can also drop a file anywhere in this box."
    static let add = "Activate"
    static let nothingPasted = "Neither a key was pasted nor a file chosen."

    // MARK: Removing

    static let removeTitle = "Remove this license?"
    static let removeMeaning =
        "The vendor frees this instance, so that the license can be used elsewhere. Plugins that "
        + "only this license covers get no more downloads; what is installed stays."
    static let removeConfirm = "Remove license"
    static let cancel = "Keep it"

    // MARK: After a form

    static let licenseAdded = "The license is activated."
    static let licenseAddedNotInForce = "The license is saved. The status says what is missing."
    static let licenseRemoved = "The license was removed."
    static let refreshed = "The license is up to date."
    static let asked = "The gateway has answered just now."

    // MARK: Read-only

    static let readOnlyTitle = "Read-only"
    static let readOnlyMeaning =
        "The license key is set by TOLLGATE_LICENSE_KEY in the environment or by pkg.yaml, which "
        + "wins over anything entered here. To change the license, change it there and restart."

    // MARK: Failures and the end of the page

    static let code = "Code"
    static let remedy = "What to do"
    static let back = "Back to the license page"
    static let footer = "Served by pkg-agent on this machine only."

    // MARK: Dates

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]

    /// `31 December 2040`, in UTC.
    static func day(_ date: Date) -> String {
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        guard let year = parts.year, let month = parts.month, let day = parts.day else { return "" }
        return "\(day) \(months[month - 1]) \(year)"
    }

    /// `21 November 2026, 14:05 UTC`.
    static func moment(_ date: Date) -> String {
        let parts = calendar.dateComponents([.hour, .minute], from: date)
        let (hour, minute) = (parts.hour ?? 0, parts.minute ?? 0)
        return "\(day(date)), \(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute) UTC"
    }

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()
}
