package import CanonicalJSON
package import Diagnostics
package import FoundationEssentials
package import Licensing

/// What the page and the API show of the license at one moment.
package struct LicensePicture: Sendable {
    package var instance: Instance
    package var state: LicenseState = .none
    /// Why it is not active.
    package var failure: LicenseError?
    package var until: Date?
    package var warnings: [LicenseWarning] = []
    /// What to know beside the status: damaged files, tokens that are refused.
    package var notices: [String] = []
    package var lastCheckIn: Date?
    package var nextCheckIn: Date?
    package var licenses: [License] = []
    package var plugins: [Plugin] = []
    package var seats: Seats?
    package var links = LicenseLinks()
    /// Whether a key in the environment or in `pkg.yaml` wins over anything changed here.
    package var isReadOnly = false
    /// What `pkg license status --json` prints.
    package var statusJSON: JSONValue = [:]
    /// For the application, which may verify them itself.
    package var tokens: [Secret<String>] = []

    package init(instance: Instance) {
        self.instance = instance
    }

    /// This installation.
    package struct Instance: Sendable {
        package var id: String
        /// The facts that it is made of, one a line.
        package var facts: [String]
        package var json: JSONValue

        package init(id: String, facts: [String], json: JSONValue) {
            self.id = id
            self.facts = facts
            self.json = json
        }
    }

    /// One of the licenses.
    package struct License: Sendable {
        /// The gateway's record; nil for a key that is not activated yet.
        package var id: String?
        package var mode: String
        /// The state's word.
        package var state: String
        package var failure: LicenseError?
        package var account: String?
        package var plan: String?
        package var isTrial = false
        package var begins: Date?
        package var termEnds: Date?
        package var graceEnds: Date?
        /// Until when the token holds without a check-in; nil for one that needs none.
        package var leaseEnds: Date?
        package var domains: [String] = []
        /// The key as far as it may be shown.
        package var maskedKey: String?

        package init(id: String?, mode: String, state: String) {
            self.id = id
            self.mode = mode
            self.state = state
        }
    }

    /// A plugin that the licenses grant, and what is installed of it.
    package struct Plugin: Sendable {
        package var name: String
        package var updatesUntil: Date?
        package var isPaused = false
        package var installed: String?
        /// What is wrong with the installed files; nil: nothing.
        package var damage: String?
        package var mismatch: Mismatch?

        package init(name: String) {
            self.name = name
        }
    }

    /// Why a plugin is not what it should be, by the last run of `pkg download-pro`.
    package struct Mismatch: Sendable {
        package var reason: String
        package var explanation: String
        package var wanted: String?

        package init(reason: String, explanation: String, wanted: String?) {
            self.reason = reason
            self.explanation = explanation
            self.wanted = wanted
        }
    }

    /// Who uses the application, against what the license allows.
    package struct Seats: Sendable {
        package var inUse: Int64?
        package var limit: Int64?

        package init(inUse: Int64?, limit: Int64?) {
            self.inUse = inUse
            self.limit = limit
        }

        package var isOver: Bool {
            guard let inUse, let limit else { return false }
            return inUse > limit
        }
    }
}
